using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>y = log(1 + eˣ), elementwise: a smooth ReLU. Any shape.</summary>
public sealed class Softplus : Module
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => x.Softplus();
}
