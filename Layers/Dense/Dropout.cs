using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>
/// In training each element is 0 with probability p, else x / (1 − p); in evaluation y = x. Any shape. Srivastava et
/// al. 2014.
/// </summary>
/// <remarks>
/// The numbers come from <see cref="RandomSource.Current"/>, so that a recomputation can replay them.
/// </remarks>
public sealed class Dropout : Module
{
    /// <summary>Dropout.</summary>
    /// <param name="p">The probability of a 0, in [0, 1].</param>
    /// <exception cref="ArgumentOutOfRangeException">p is outside of [0, 1].</exception>
    public Dropout(double p = 0.5) => P = Settings.Fraction(p, Name, nameof(p));

    /// <summary>The probability of a 0.</summary>
    public double P { get; }

    /// <inheritdoc/>
    protected override string ExtraRepresentation => $"p: {Settings.Text(P)}";

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => IsTraining && P > 0 ? x.Dropout(P) : x;
}
