using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>y = x / (1 + e⁻ˣ), elementwise; also called swish. Any shape.</summary>
public sealed class Silu : Module
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => x.Silu();
}
