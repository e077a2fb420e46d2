using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>y = x / (1 + e^−x), also called swish; elementwise. Any shape, Float32 or Float64.</summary>
    public Tensor Silu() => new SiluOp().Apply(this);
}

/// <summary>y = x s with s = 1 / (1 + e^−x); dx = g s (1 + x (1 − s)). Keeps x.</summary>
internal sealed class SiluOp : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples => ElementwiseExamples.Of(x => x.Silu(), -5, 5);

    protected override Tensor Forward(Tensor[] inputs)
    {
        Keep(inputs[0]);
        return Map.Unary(Name, inputs[0], Activations.Silu, Activations.Silu);
    }

    protected override Tensor?[] Backward(Tensor g) => [new SiluBackwardOp().Apply(Kept(0), g)];
}

/// <summary>
/// dx = g s (1 + x (1 − s)) in one pass; d(x) = g s (1 − s) (2 + x (1 − 2 s)) h, d(g) = s (1 + x (1 − s)) h. Keeps x
/// and g.
/// </summary>
internal sealed class SiluBackwardOp : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
        [new("matrix", t => new SiluBackwardOp().Apply(t[0], t[1]), OpInput.Uniform([3, 7]), OpInput.Uniform([3, 7]))];

    protected override Tensor Forward(Tensor[] inputs)
    {
        Keep(inputs[0], inputs[1]);
        return Map.Binary(Name, inputs[0], inputs[1], Activations.SiluBackward, Activations.SiluBackward);
    }

    protected override Tensor?[] Backward(Tensor h) =>
        [Needs(0) ? Second(Kept(0)) * Kept(1) * h : null, Needs(1) ? new SiluBackwardOp().Apply(Kept(0), h) : null];

    private static Tensor Second(Tensor x)
    {
        var s = x.Sigmoid();
        return s * (1.0 - s) * (2.0 + (x * (1.0 - (2.0 * s))));
    }
}
