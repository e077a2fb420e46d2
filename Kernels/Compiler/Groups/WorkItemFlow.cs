using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using MomentumCore.Kernels.Compiler.Ir;

namespace MomentumCore.Kernels.Compiler.Groups;

/// <summary>What differs between the work items of a group: locals, conditions, and the barriers that stand under them.</summary>
/// <remarks>
/// A value differs when it depends on Group.Idx or on something read from memory; parameters, Grid.Idx, sizes and the
/// results of votes and broadcasts are the same for all. A local differs when something that differs is assigned to it,
/// or when it is assigned under a condition that differs.
/// </remarks>
internal sealed class WorkItemFlow
{
    private readonly Dictionary<string, string> _varying = [];
    private readonly List<(SyntaxNode Where, string Cause)> _divergent = [];
    private readonly List<SyntaxNode> _returns = [];

    public WorkItemFlow(KernelTree kernel)
    {
        int known;
        do
        {
            known = _varying.Count;
            _divergent.Clear();
            _returns.Clear();
            Visit(kernel.Body, null, aroundBarrier: false);
        }
        while (_varying.Count != known);
    }

    /// <summary>Barriers and votes that some work items may not reach, and why.</summary>
    public IReadOnlyList<(SyntaxNode Where, string Cause)> DivergentBarriers => _divergent;

    /// <summary>Returns inside of a condition or loop with a barrier.</summary>
    public IReadOnlyList<SyntaxNode> ReturnsBesideBarriers => _returns;

    /// <summary>Why a value differs between the work items of a group, or null when it does not.</summary>
    public string? Cause(Expr? value) => value switch
    {
        null or Constant or GroupOp or ViewLength => null,
        Var v => _varying.TryGetValue(v.Name, out string? cause) ? cause : null,
        Load l => $"what is read from '{l.View.Name}'",
        AtomicOp a => $"what is read from '{a.Place.View.Name}'",
        Position p => p.Kind is PositionKind.GroupIndexX or PositionKind.GroupIndexY or PositionKind.GroupIndexZ
            ? $"Group.Idx{p.Kind.ToString().Last()}"
            : null,
        Call c when c.Arguments.Any(a => a is ViewArgument) => $"what '{c.Helper.Name}' reads",
        Call c => c.Arguments.OfType<ValueArgument>().Select(a => Cause(a.Value)).FirstOrDefault(c => c != null),
        _ => Types.Within(value).Skip(1).Where(e => e is Var or Load or AtomicOp or Position or Call).Select(Cause).FirstOrDefault(c => c != null),
    };

    private void Visit(IEnumerable<Stmt> body, string? cause, bool aroundBarrier)
    {
        foreach (var step in body)
        {
            foreach (var call in Types.Direct(step).SelectMany(Types.Within).OfType<Call>())
            {
                foreach (var target in call.Arguments.OfType<OutArgument>())
                    Vary(target.Target, cause ?? Cause(call));
            }

            bool around = aroundBarrier || Types.Statements([step]).Any(s => s is Barrier or Declare { Value: GroupOp });
            switch (step)
            {
                case Return { Where: { } where } when aroundBarrier:
                    _returns.Add(where);
                    break;
                case Barrier { Where: { } where } when cause != null:
                    _divergent.Add((where, cause));
                    break;
                case Declare { Value: GroupOp { Where: { } where } } when cause != null:
                    _divergent.Add((where, cause));
                    break;
                case Declare { Value: { } value } d:
                    Vary(d.Variable, cause ?? Cause(value));
                    break;
                case Assign { Target: Var v } a:
                    Vary(v, cause ?? Cause(a.Value));
                    break;
                case If i:
                    string? inner = cause ?? Cause(i.Condition);
                    Visit(i.Then, inner, around);
                    Visit(i.Else, inner, around);
                    break;
                case Loop l:
                    Visit(l.Before, cause, around);
                    string? turn = cause ?? Cause(l.Condition) ?? Leaves(l.Body, cause, countBreaks: true);
                    Visit(l.Body, turn, around);
                    Visit(l.Step, turn, around);
                    break;
            }

            // After a jump that only some work items make, the others go on alone.
            cause ??= Leaves([step], null, countBreaks: true);
        }
    }

    private void Vary(Var local, string? cause)
    {
        if (cause != null && !_varying.ContainsKey(local.Name))
            _varying[local.Name] = cause;
    }

    /// <summary>Why only some work items may leave a body: by return, or by break or continue of the loop around it.</summary>
    private string? Leaves(IEnumerable<Stmt> body, string? cause, bool countBreaks)
    {
        foreach (var step in body)
        {
            string? found = step switch
            {
                Return => cause,
                Break or Continue => countBreaks ? cause : null,
                If i => Leaves(i.Then.Concat(i.Else), cause ?? Cause(i.Condition), countBreaks),
                Loop l => Leaves(l.Body, cause ?? Cause(l.Condition), countBreaks: false),
                _ => null,
            };
            if (found != null)
                return found;
        }

        return null;
    }
}
