using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>
    /// y = max(x, 0), elementwise; NaN stays NaN. Any shape, Float32 or Float64. The derivative at 0 is taken as 0.
    /// </summary>
    public Tensor Relu() => new ReluOp().Apply(this);
}

/// <summary>y = max(x, 0); dx = g where y > 0, else 0. Keeps y.</summary>
internal sealed class ReluOp : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples => ElementwiseExamples.AwayFrom(x => x.Relu(), 0);

    protected override Tensor Forward(Tensor[] inputs)
    {
        var y = Map.Unary(Name, inputs[0], Activations.Relu, Activations.Relu);
        Keep(y);
        return y;
    }

    // Detached: where y > 0 does not change with y, so nothing flows back through that choice.
    protected override Tensor?[] Backward(Tensor g) => [new ReluBackwardOp().Apply(Kept(0).Detach(), g)];
}

/// <summary>dx = g where y > 0, else 0; d(g) = h where y > 0, and y has no derivative. Keeps y.</summary>
internal sealed class ReluBackwardOp : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
    [
        new(
            "matrix",
            t => new ReluBackwardOp().Apply(t[0].Detach(), t[1]),
            OpInput.AwayFrom([3, 7], 0),
            OpInput.Uniform([3, 7])),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        Keep(inputs[0]);
        return Map.Binary(Name, inputs[0], inputs[1], Activations.ReluBackward, Activations.ReluBackward);
    }

    protected override Tensor?[] Backward(Tensor h) => [null, new ReluBackwardOp().Apply(Kept(0), h)];
}
