using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>y = 1 / (1 + e⁻ˣ), elementwise. Any shape.</summary>
public sealed class Sigmoid : Module
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => x.Sigmoid();
}
