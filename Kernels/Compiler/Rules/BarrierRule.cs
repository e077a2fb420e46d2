using System.Collections.Generic;
using System.Linq;
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
            $"not every work item of the group reaches this barrier: the way here depends on {b.Cause}; put it where all pass, " +
            "or make the condition the same for all (a parameter, Grid.Idx, Group.BarrierOr or Group.Broadcast)"));
        var returns = flow.DivergentReturns.Select(r => new KernelRejection(
            KernelRule.DivergentBarrier, r.Where,
            $"only some work items return here, beside a barrier: the way here depends on {r.Cause}; let all go on to the end of the kernel"));
        return barriers.Concat(returns);
    }
}
