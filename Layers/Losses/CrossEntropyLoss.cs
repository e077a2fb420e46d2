using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>
/// The cross-entropy of logits x with class indices t: w[t] (log Σ eˣ − x[t]), averaged with the weights w.
/// x [batch, classes, …], t [batch, …].
/// </summary>
public sealed class CrossEntropyLoss : Loss
{
    /// <summary>A loss for logits: it contains the softmax.</summary>
    /// <param name="weight">A weight for each class [classes], or null for 1. It is the buffer <c>weight</c>.</param>
    /// <param name="labelSmoothing">How much of the target is spread over all classes, in [0, 1].</param>
    /// <param name="ignoreIndex">Targets with this index count for nothing.</param>
    /// <param name="reduction">Mean, Sum, or None for one loss per target.</param>
    /// <exception cref="ArgumentOutOfRangeException">The label smoothing is outside of [0, 1].</exception>
    public CrossEntropyLoss(
        Tensor? weight = null,
        double labelSmoothing = 0,
        long ignoreIndex = -100,
        LossReduction reduction = LossReduction.Mean)
        : base(reduction)
    {
        LabelSmoothing = Settings.Fraction(labelSmoothing, Name, nameof(labelSmoothing));
        Weight = RegisterBuffer("weight", weight);
        IgnoreIndex = ignoreIndex;
    }

    /// <summary>A weight for each class, or null for 1.</summary>
    public Tensor? Weight { get; }

    /// <summary>How much of the target is spread over all classes.</summary>
    public double LabelSmoothing { get; }

    /// <summary>Targets with this index count for nothing.</summary>
    public long IgnoreIndex { get; }

    /// <inheritdoc/>
    public override Module NewLike() =>
        new CrossEntropyLoss(Weight?.Clone(), LabelSmoothing, IgnoreIndex, Reduction);

    /// <inheritdoc/>
    protected override string ExtraRepresentation =>
        $"labelSmoothing: {Settings.Text(LabelSmoothing)}, ignoreIndex: {IgnoreIndex}, {base.ExtraRepresentation}";

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor prediction, Tensor target) =>
        prediction.CrossEntropy(target, Weight, LabelSmoothing, IgnoreIndex, Reduction);
}
