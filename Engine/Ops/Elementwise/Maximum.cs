using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>
    /// y = the greater of a and b, elementwise; NaN where either is. Floats or integers, of any shapes that broadcast.
    /// </summary>
    /// <remarks>Where a = b the derivative is halved between them.</remarks>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    /// <exception cref="DTypeException">The types differ.</exception>
    public static Tensor Maximum(Tensor a, Tensor b) => new MaximumOp().Apply(a, b);
}

/// <summary>
/// y = max(a, b); g goes to the greater, half to each where equal, summed over the axes each was broadcast along. Keeps
/// a and b.
/// </summary>
internal sealed class MaximumOp : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples => ElementwiseExamples.Of(Tensor.Maximum);

    protected override Tensor Forward(Tensor[] inputs)
    {
        Keep(inputs[0], inputs[1]);
        return Map.Binary(
            Name, inputs[0], inputs[1], Arithmetic.Maximum, Arithmetic.Maximum, Arithmetic.Maximum, Arithmetic.Maximum);
    }

    protected override Tensor?[] Backward(Tensor g)
    {
        // Detached: which one is greater does not change with their values.
        var (a, b) = (Kept(0).Detach(), Kept(1).Detach());
        return
        [
            Needs(0) ? new GreaterShareOp().Apply(a, b, g).SumTo(a.Shape) : null,
            Needs(1) ? new GreaterShareOp().Apply(b, a, g).SumTo(b.Shape) : null,
        ];
    }
}

/// <summary>
/// dx = g where x > other, g / 2 where equal, 0 where less: the derivative of max(x, other) by x. d(g) = the same of h,
/// and x and other have no derivative. Keeps x and other.
/// </summary>
internal sealed class GreaterShareOp : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
    [
        new(
            "different",
            t => new GreaterShareOp().Apply(t[0].Detach(), t[1].Detach(), t[2]),
            OpInput.Uniform([3, 1]),
            OpInput.Uniform([7]),
            OpInput.Uniform([3, 7])),
        new(
            "ties",
            t => new GreaterShareOp().Apply(t[0].To(t[2].DType), t[1].To(t[2].DType), t[2]),
            OpInput.Index([11], 2),
            OpInput.Index([11], 2),
            OpInput.Uniform([11])),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        Keep(inputs[0], inputs[1]);
        return Map.Ternary(Name, inputs[0], inputs[1], inputs[2], Arithmetic.GreaterShare, Arithmetic.GreaterShare);
    }

    protected override Tensor?[] Backward(Tensor h) => [null, null, new GreaterShareOp().Apply(Kept(0), Kept(1), h)];
}
