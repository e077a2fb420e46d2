using MomentumCore.Layers;

namespace MomentumCore.Tests.Reversible;

/// <summary>A layer that is one function, with whatever that captures.</summary>
internal sealed class Lambda(Func<Tensor, Tensor> function) : Module
{
    protected override Tensor Forward(Tensor x) => function(x);
}
