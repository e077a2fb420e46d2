using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>y = x: hands its input on, where a module is wanted that does nothing.</summary>
public sealed class Identity : Module
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => x;
}
