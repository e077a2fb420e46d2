using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>y = tanh x, elementwise. Any shape.</summary>
public sealed class Tanh : Module
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => x.Tanh();
}
