using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>y = a · b, elementwise. a and b of any shapes that broadcast; y has the broadcast shape.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    /// <exception cref="DTypeException">The types differ.</exception>
    public static Tensor operator *(Tensor left, Tensor right) => new MultiplyOp().Apply(left, right);

    /// <summary>y = a · s for a number s.</summary>
    public static Tensor operator *(Tensor left, double right) => left * Scalar(right, left.DType, left.Device);

    /// <summary>y = s · a for a number s.</summary>
    public static Tensor operator *(double left, Tensor right) => right * left;
}

/// <summary>y = a · b; da = g · b, db = g · a, each summed over the axes it was broadcast along. Keeps a and b.</summary>
internal sealed class MultiplyOp : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
    [
        new("same shape", t => t[0] * t[1], OpInput.Uniform([3, 5]), OpInput.Uniform([3, 5])),
        new("column", t => t[0] * t[1], OpInput.Uniform([3, 5]), OpInput.Uniform([3, 1])),
        new("both broadcast", t => t[0] * t[1], OpInput.Uniform([4, 1, 3]), OpInput.Uniform([2, 1])),
        new("one element", t => t[0] * t[1], OpInput.Uniform([1]), OpInput.Uniform([1, 1])),
        new("empty", t => t[0] * t[1], OpInput.Uniform([2, 0]), OpInput.Uniform([2, 0])),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        Keep(inputs[0], inputs[1]);
        return Map.Binary(
            Name, inputs[0], inputs[1], Elementwise.Multiply, Elementwise.Multiply, Elementwise.Multiply, Elementwise.Multiply);
    }

    protected override Tensor?[] Backward(Tensor g) =>
    [
        Needs(0) ? (g * Kept(1)).SumTo(Kept(0).Shape) : null,
        Needs(1) ? (g * Kept(0)).SumTo(Kept(1).Shape) : null,
    ];
}
