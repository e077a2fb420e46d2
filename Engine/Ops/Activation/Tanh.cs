using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>y = tanh x, elementwise. Any shape, Float32 or Float64.</summary>
    public Tensor Tanh() => new TanhOp().Apply(this);
}

/// <summary>y = tanh x; dx = g (1 − y²). Keeps y.</summary>
internal sealed class TanhOp : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
    [
        new("matrix", t => t[0].Tanh(), OpInput.Uniform([3, 7])),
        new("saturated", t => t[0].Tanh(), OpInput.Uniform([5], -30, 30)),
        new("empty", t => t[0].Tanh(), OpInput.Uniform([0])),
        new("scalar", t => t[0].Tanh(), OpInput.Uniform([])),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        var y = Map.Unary(Name, inputs[0], Activations.Tanh, Activations.Tanh);
        Keep(y);
        return y;
    }

    protected override Tensor?[] Backward(Tensor g) => [new TanhBackwardOp().Apply(Kept(0), g)];
}

/// <summary>
/// dx = g (1 − y²) in one pass; its own derivative: d(y) = −2 y g h, d(g) = (1 − y²) h. Keeps y and g.
/// </summary>
internal sealed class TanhBackwardOp : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
    [
        new(
            "matrix",
            t => new TanhBackwardOp().Apply(t[0], t[1]),
            OpInput.Uniform([3, 7], -1, 1),
            OpInput.Uniform([3, 7])),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        Keep(inputs[0], inputs[1]);
        return Map.Binary(Name, inputs[0], inputs[1], Activations.TanhBackward, Activations.TanhBackward);
    }

    protected override Tensor?[] Backward(Tensor h) =>
    [
        Needs(0) ? -2.0 * Kept(0) * Kept(1) * h : null,
        Needs(1) ? new TanhBackwardOp().Apply(Kept(0), h) : null,
    ];
}
