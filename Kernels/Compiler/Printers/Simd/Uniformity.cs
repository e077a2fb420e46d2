using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using MomentumCore.Kernels.Compiler.Ir;

namespace MomentumCore.Kernels.Compiler.Printers.Simd;

/// <summary>Finds the locals that may differ from lane to lane; all others stay scalars.</summary>
internal sealed class Uniformity
{
    private readonly HashSet<string> _varying;
    private readonly Dictionary<string, int> _depths = [];

    /// <param name="varying">Parameters that differ from lane to lane.</param>
    /// <param name="body">The body that uses them.</param>
    public Uniformity(IEnumerable<string> varying, ImmutableArray<Stmt> body)
    {
        _varying = [.. varying];
        int known;
        do
        {
            known = _varying.Count;
            Visit(body, 0);
        }
        while (_varying.Count != known);
    }

    public bool Varies(string local) => _varying.Contains(local);

    public bool Varies(Expr value) =>
        Types.Within(value).Any(e => e is Load or Call or AtomicOp or GroupOp or Position || (e is Var v && _varying.Contains(v.Name)));

    // A local varies when something varying is assigned, or anything under a condition that varies and that it outlives.
    private void Visit(ImmutableArray<Stmt> body, int depth)
    {
        foreach (var step in body)
        {
            foreach (var target in Types.Direct(step).SelectMany(Types.Within).OfType<Call>().SelectMany(c => c.Arguments).OfType<OutArgument>())
                _varying.Add(target.Target.Name);
            switch (step)
            {
                case Declare d:
                    _depths[d.Variable.Name] = depth;
                    if (d.Value != null && Varies(d.Value))
                        _varying.Add(d.Variable.Name);
                    break;
                case Assign { Target: Var v } a:
                    if (Varies(a.Value) || depth > (_depths.TryGetValue(v.Name, out int declared) ? declared : 0))
                        _varying.Add(v.Name);
                    break;
                case If i:
                    int inner = Varies(i.Condition) ? depth + 1 : depth;
                    Visit(i.Then, inner);
                    Visit(i.Else, inner);
                    break;
                case Loop l:
                    Visit(l.Before, depth);
                    Visit(l.Body, depth);
                    Visit(l.Step, depth);
                    break;
            }
        }
    }
}
