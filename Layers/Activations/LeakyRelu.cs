using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>y = x for x ≥ 0, else slope · x, elementwise. Any shape.</summary>
/// <param name="slope">The slope for negative x.</param>
public sealed class LeakyRelu(double slope = 0.01) : Module
{
    /// <summary>The slope for negative x.</summary>
    public double Slope { get; } = slope;

    /// <inheritdoc/>
    protected override string ExtraRepresentation => $"slope: {Settings.Text(Slope)}";

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => x.LeakyRelu(Slope);
}
