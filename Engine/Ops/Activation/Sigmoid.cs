using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>y = 1 / (1 + e^−x), elementwise. Any shape, Float32 or Float64.</summary>
    public Tensor Sigmoid() => new SigmoidOp().Apply(this);
}

/// <summary>y = 1 / (1 + e^−x); dx = g y (1 − y). Keeps y.</summary>
internal sealed class SigmoidOp : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
    [
        .. ElementwiseExamples.Of(x => x.Sigmoid()),
        new("saturated", t => t[0].Sigmoid(), OpInput.Uniform([7], -1000, 1000)),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        var y = Map.Unary(Name, inputs[0], Activations.Sigmoid, Activations.Sigmoid);
        Keep(y);
        return y;
    }

    protected override Tensor?[] Backward(Tensor g) => [new SigmoidBackwardOp().Apply(Kept(0), g)];
}

/// <summary>
/// dx = g y (1 − y) in one pass; its own derivative: d(y) = g (1 − 2 y) h, d(g) = y (1 − y) h. Keeps y and g.
/// </summary>
internal sealed class SigmoidBackwardOp : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
    [
        new(
            "matrix",
            t => new SigmoidBackwardOp().Apply(t[0], t[1]),
            OpInput.Uniform([3, 7], 0, 1),
            OpInput.Uniform([3, 7])),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        Keep(inputs[0], inputs[1]);
        return Map.Binary(Name, inputs[0], inputs[1], Activations.SigmoidBackward, Activations.SigmoidBackward);
    }

    protected override Tensor?[] Backward(Tensor h) =>
    [
        Needs(0) ? (1.0 - (2.0 * Kept(0))) * Kept(1) * h : null,
        Needs(1) ? new SigmoidBackwardOp().Apply(Kept(0), h) : null,
    ];
}
