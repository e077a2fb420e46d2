using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>y = ln(1 + e^x), elementwise, without overflow. Any shape, Float32 or Float64.</summary>
    public Tensor Softplus() => new SoftplusOp().Apply(this);
}

/// <summary>y = ln(1 + e^x); dx = g / (1 + e^−x). Keeps x.</summary>
internal sealed class SoftplusOp : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
    [
        .. ElementwiseExamples.Of(x => x.Softplus(), -5, 5),
        new("far out", t => t[0].Softplus(), OpInput.Uniform([7], -1000, 1000)),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        Keep(inputs[0]);
        return Map.Unary(Name, inputs[0], Activations.Softplus, Activations.Softplus);
    }

    protected override Tensor?[] Backward(Tensor g) => [new SoftplusBackwardOp().Apply(Kept(0), g)];
}

/// <summary>dx = g s with s = 1 / (1 + e^−x) in one pass; d(x) = g s (1 − s) h, d(g) = s h. Keeps x and g.</summary>
internal sealed class SoftplusBackwardOp : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
    [
        new(
            "matrix",
            t => new SoftplusBackwardOp().Apply(t[0], t[1]),
            OpInput.Uniform([3, 7]),
            OpInput.Uniform([3, 7])),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        Keep(inputs[0], inputs[1]);
        return Map.Binary(Name, inputs[0], inputs[1], Activations.SoftplusBackward, Activations.SoftplusBackward);
    }

    protected override Tensor?[] Backward(Tensor h) =>
    [
        Needs(0) ? new SigmoidBackwardOp().Apply(Kept(0).Sigmoid(), Kept(1) * h) : null,
        Needs(1) ? new SoftplusBackwardOp().Apply(Kept(0), h) : null,
    ];
}
