using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>
/// The cross-entropy of yes-no targets t with the probabilities sigmoid(x), averaged:
/// (1 − t) x + (1 + (w − 1) t) log(1 + e⁻ˣ). x and t of one shape.
/// </summary>
public sealed class BceWithLogitsLoss : Loss
{
    /// <summary>A loss for logits: it contains the sigmoid.</summary>
    /// <param name="posWeight">
    /// w, the weight of targets of 1, broadcast to x; null for 1. It is the buffer <c>pos_weight</c>.
    /// </param>
    /// <param name="reduction">Mean, Sum, or None for one loss per element.</param>
    public BceWithLogitsLoss(Tensor? posWeight = null, LossReduction reduction = LossReduction.Mean)
        : base(reduction) =>
        PosWeight = RegisterBuffer("pos_weight", posWeight);

    /// <summary>The weight of targets of 1, or null for 1.</summary>
    public Tensor? PosWeight { get; }

    /// <inheritdoc/>
    public override Module NewLike() => new BceWithLogitsLoss(PosWeight?.Clone(), Reduction);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor prediction, Tensor target) =>
        prediction.BceWithLogits(target, PosWeight, Reduction);
}
