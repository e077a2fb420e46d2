using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>y = a + b, elementwise. a and b of any shapes that broadcast; y has the broadcast shape.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    /// <exception cref="DTypeException">The types differ.</exception>
    public static Tensor operator +(Tensor left, Tensor right) => new AddOp().Apply(left, right);

    /// <summary>y = a + s for a number s.</summary>
    public static Tensor operator +(Tensor left, double right) => left + Scalar(right, left.DType, left.Device);

    /// <summary>y = s + a for a number s.</summary>
    public static Tensor operator +(double left, Tensor right) => right + left;
}

/// <summary>y = a + b; da = g, db = g, each summed over the axes it was broadcast along. Keeps nothing.</summary>
internal sealed class AddOp : Op, IOpExamples
{
    private Shape _left;
    private Shape _right;

    public static IEnumerable<OpExample> Examples =>
    [
        new("same shape", t => t[0] + t[1], OpInput.Uniform([3, 5]), OpInput.Uniform([3, 5])),
        new("row", t => t[0] + t[1], OpInput.Uniform([3, 5]), OpInput.Uniform([5])),
        new("both broadcast", t => t[0] + t[1], OpInput.Uniform([4, 1, 3]), OpInput.Uniform([2, 1])),
        new("empty", t => t[0] + t[1], OpInput.Uniform([0, 3]), OpInput.Uniform([3])),
        new("scalars", t => t[0] + t[1], OpInput.Uniform([]), OpInput.Uniform([])),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        (_left, _right) = (inputs[0].Shape, inputs[1].Shape);
        return Map.Binary(Name, inputs[0], inputs[1], Elementwise.Add, Elementwise.Add, Elementwise.Add, Elementwise.Add);
    }

    protected override Tensor?[] Backward(Tensor g) =>
        [Needs(0) ? g.SumTo(_left) : null, Needs(1) ? g.SumTo(_right) : null];
}
