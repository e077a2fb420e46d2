using System.Collections.Generic;
using System.Linq;
using MomentumCore.Kernels.Compiler.Ir;

namespace MomentumCore.Kernels.Compiler.Groups;

/// <summary>Which locals and views each loop over the work items uses, and which live from one loop to another.</summary>
internal sealed class GroupLocals
{
    private readonly Dictionary<int, HashSet<string>> _used = [];
    private readonly Dictionary<int, HashSet<string>> _written = [];
    private readonly List<Var> _locals;
    private readonly List<View> _views;

    public GroupLocals(KernelTree kernel, GroupPlan plan)
    {
        var steps = Types.Statements(kernel.Body).ToList();
        Visit(plan.Nodes);
        _locals = [.. steps.OfType<Declare>().Select(d => d.Variable).Where(v => !plan.IsOnce(v.Name) && IsShared(v.Name))];
        _views = [.. steps.OfType<DeclareView>().Select(d => d.View).Where(v => IsShared(v.Name))];
        Arrays = [.. steps.OfType<DeclareArray>()];
        Once = [.. steps.OfType<Declare>().Select(d => d.Variable).Where(v => plan.IsOnce(v.Name))];
    }

    /// <summary>Locals of a work item that live from one loop to another.</summary>
    public IReadOnlyList<Var> Locals => _locals;

    /// <summary>Parts of views that live from one loop to another.</summary>
    public IReadOnlyList<View> Views => _views;

    /// <summary>Shared and private arrays.</summary>
    public IReadOnlyList<DeclareArray> Arrays { get; }

    /// <summary>Locals that exist once for the group.</summary>
    public IReadOnlyList<Var> Once { get; }

    public bool Uses(int region, string name) => _used[region].Contains(name);

    public bool Writes(int region, string name) => _written[region].Contains(name);

    private bool IsShared(string name) => _used.Values.Count(names => names.Contains(name)) > 1;

    private void Visit(IEnumerable<GroupNode> nodes)
    {
        foreach (var node in nodes)
        {
            switch (node)
            {
                case RegionNode r:
                    Note(r.Number, r.Steps);
                    break;
                case VoteNode v:
                    _written[v.Number] = [];
                    _used[v.Number] = [.. v.Operation.Arguments.SelectMany(Names)];
                    break;
                case IfNode i:
                    Visit(i.Then.Concat(i.Else));
                    break;
                case LoopNode l:
                    Visit(l.Before.Concat(l.Body).Concat(l.Step));
                    break;
            }
        }
    }

    private void Note(int region, IEnumerable<Stmt> steps)
    {
        var all = Types.Statements(steps).ToList();
        _written[region] = [.. all.SelectMany(GroupPlan.Written), .. all.OfType<DeclareView>().Select(d => d.View.Name)];
        _used[region] = [
            .. _written[region],
            .. all.OfType<DeclareView>().Select(d => d.Source.Name),
            .. all.SelectMany(Types.Direct).SelectMany(Names)];
    }

    private static IEnumerable<string> Names(Expr value) => Types.Within(value).SelectMany<Expr, string>(e => e switch
    {
        Var v => [v.Name],
        Load l => [l.View.Name],
        ViewLength l => [l.View.Name],
        Call c => c.Arguments.OfType<ViewArgument>().Select(a => a.View.Name),
        _ => [],
    });
}
