using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>
/// The negative log-likelihood −w[t] x[t] of class indices t under log-probabilities x, averaged with the weights w.
/// x [batch, classes, …], t [batch, …].
/// </summary>
public sealed class NllLoss : Loss
{
    /// <summary>A loss for log-probabilities, such as <see cref="LogSoftmax"/> makes.</summary>
    /// <param name="weight">A weight for each class [classes], or null for 1. It is the buffer <c>weight</c>.</param>
    /// <param name="ignoreIndex">Targets with this index count for nothing.</param>
    /// <param name="reduction">Mean, Sum, or None for one loss per target.</param>
    public NllLoss(Tensor? weight = null, long ignoreIndex = -100, LossReduction reduction = LossReduction.Mean)
        : base(reduction)
    {
        Weight = RegisterBuffer("weight", weight);
        IgnoreIndex = ignoreIndex;
    }

    /// <summary>A weight for each class, or null for 1.</summary>
    public Tensor? Weight { get; }

    /// <summary>Targets with this index count for nothing.</summary>
    public long IgnoreIndex { get; }

    /// <inheritdoc/>
    public override Module NewLike() => new NllLoss(Weight?.Clone(), IgnoreIndex, Reduction);

    /// <inheritdoc/>
    protected override string ExtraRepresentation => $"ignoreIndex: {IgnoreIndex}, {base.ExtraRepresentation}";

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor prediction, Tensor target) =>
        prediction.NllLoss(target, Weight, IgnoreIndex, Reduction);
}
