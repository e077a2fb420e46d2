using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>y = max(x, 0), elementwise. Any shape.</summary>
public sealed class Relu : Module
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => x.Relu();
}
