using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using MomentumCore.Kernels.Compiler.Ir;

namespace MomentumCore.Kernels.Compiler.Printers.Simd;

/// <summary>
/// Decides which helpers are compiled on their own. The runtime inlines only so much into one method and then calls every
/// single vector operation, which is many times slower than a few calls of helpers.
/// </summary>
internal sealed class MethodSizes
{
    /// <summary>Operations in one method, those of inlined helpers included. Measured with 256-bit and 512-bit vectors.</summary>
    private const int Most = 80;

    private readonly HashSet<string> _apart = [];
    private readonly Dictionary<string, int> _sizes = [];

    public MethodSizes(KernelTree kernel)
    {
        foreach (var helper in kernel.Helpers) // callees come first
        {
            _sizes[helper.Name] = Fit(helper.Body);
            if (_sizes[helper.Name] > Most)
                _apart.Add(helper.Name);
        }

        Fit(kernel.Body);
    }

    public bool IsApart(Helper helper) => _apart.Contains(helper.Name);

    /// <summary>The size of a body, after its largest helpers were taken out as long as it was too large, those of branches first.</summary>
    private int Fit(ImmutableArray<Stmt> body)
    {
        var expressions = Types.Statements(body).SelectMany(Types.Direct).SelectMany(Types.Within).ToList();
        var outside = new HashSet<string>(Calls(OutsideBranches(body)));
        while (true)
        {
            int size = expressions.Sum(e => e switch
            {
                Call c => _apart.Contains(c.Helper.Name) ? 2 : _sizes[c.Helper.Name],
                Constant or Var or Load => 0,
                _ => 1,
            });
            var largest = Calls(expressions).Where(n => !_apart.Contains(n) && _sizes[n] > 8)
                .OrderBy(outside.Contains).ThenByDescending(n => _sizes[n]).FirstOrDefault();
            if (size <= Most || largest == null)
                return size;
            _apart.Add(largest);
        }
    }

    private static IEnumerable<string> Calls(IEnumerable<Expr> expressions) => expressions.OfType<Call>().Select(c => c.Helper.Name);

    private static IEnumerable<Expr> OutsideBranches(ImmutableArray<Stmt> body) =>
        body.SelectMany(s => s is If ? [s] : Types.Statements([s])).SelectMany(Types.Direct).SelectMany(Types.Within);
}
