using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>(prediction − target)², averaged. Both of one shape.</summary>
/// <param name="reduction">Mean, Sum, or None for one loss per element.</param>
public sealed class MseLoss(LossReduction reduction = LossReduction.Mean) : Loss(reduction)
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor prediction, Tensor target) => prediction.MseLoss(target, Reduction);
}
