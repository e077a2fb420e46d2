using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using MomentumCore.Kernels.Compiler.Groups;
using MomentumCore.Kernels.Compiler.Ir;
using MomentumCore.Kernels.Compiler.Lowering;

namespace MomentumCore.Kernels.Compiler.Rules;

/// <summary>Every work item of a group reaches every barrier: no barrier stands where only some may come.</summary>
internal static class BarrierRule
{
    public static IEnumerable<KernelRejection> Check(KernelTree kernel)
    {
        var flow = new WorkItemFlow(kernel);
        var barriers = flow.DivergentBarriers.Select(b => new KernelRejection(
            KernelRule.DivergentBarrier, b.Where,
            $"not every work item of the group reaches {(IsBarrier(b.Where) ? "this barrier" : "the barrier in this call")}: the way here depends on {b.Cause}; put it where all pass, " +
            "or make the condition the same for all (a parameter, Grid.Idx, Group.BarrierOr or Group.Broadcast)"));
        // Some drivers lose their way when a group returns out of a loop with barriers, even when all items do.
        var returns = flow.ReturnsBesideBarriers.Select(where => new KernelRejection(
            KernelRule.DivergentBarrier, where,
            "a return inside of a condition or loop that holds a barrier; leave a loop by its condition or by break, and let all work items go on"));
        return barriers.Concat(returns);
    }

    private static bool IsBarrier(SyntaxNode where) =>
        where is InvocationExpressionSyntax { Expression: var called } && called.ToString().Contains("Group.");
}
