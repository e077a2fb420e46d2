using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>|prediction − target|, averaged. Both of one shape.</summary>
/// <param name="reduction">Mean, Sum, or None for one loss per element.</param>
public sealed class L1Loss(LossReduction reduction = LossReduction.Mean) : Loss(reduction)
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor prediction, Tensor target) => prediction.L1Loss(target, Reduction);
}
