using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>
/// The absolute error d = |prediction − target| with its kink rounded off, averaged: d² / (2 β) for d &lt; β, else d
/// − β/2. Both of one shape.
/// </summary>
public sealed class SmoothL1Loss : Loss
{
    /// <summary>A smooth absolute error.</summary>
    /// <param name="beta">β, 0 or more: where the square ends.</param>
    /// <param name="reduction">Mean, Sum, or None for one loss per element.</param>
    /// <exception cref="ArgumentOutOfRangeException">β is negative.</exception>
    public SmoothL1Loss(double beta = 1, LossReduction reduction = LossReduction.Mean)
        : base(reduction)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(beta);
        Beta = beta;
    }

    /// <summary>β: where the square ends.</summary>
    public double Beta { get; }

    /// <inheritdoc/>
    protected override string ExtraRepresentation => $"beta: {Settings.Text(Beta)}, {base.ExtraRepresentation}";

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor prediction, Tensor target) =>
        prediction.SmoothL1Loss(target, Beta, Reduction);
}
