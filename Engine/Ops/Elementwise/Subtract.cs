using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>y = a − b, elementwise. a and b of any shapes that broadcast; y has the broadcast shape.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    /// <exception cref="DTypeException">The types differ.</exception>
    public static Tensor operator -(Tensor left, Tensor right) => new SubtractOp().Apply(left, right);

    /// <summary>y = a − s for a number s.</summary>
    /// <exception cref="DTypeException">a holds integers and s is none.</exception>
    public static Tensor operator -(Tensor left, double right) => new AddScalarOp(-right).Apply(left);

    /// <summary>y = s − a for a number s.</summary>
    /// <exception cref="DTypeException">a holds integers and s is none.</exception>
    public static Tensor operator -(double left, Tensor right) => new SubtractFromScalarOp(left).Apply(right);
}

/// <summary>y = a − b; da = g, db = −g, each summed over the axes it was broadcast along. Keeps nothing.</summary>
internal sealed class SubtractOp : Op, IOpExamples
{
    private Shape _left;
    private Shape _right;

    public static IEnumerable<OpExample> Examples => ElementwiseExamples.Of((a, b) => a - b);

    protected override Tensor Forward(Tensor[] inputs)
    {
        (_left, _right) = (inputs[0].Shape, inputs[1].Shape);
        return Map.Binary(
            Name,
            inputs[0],
            inputs[1],
            Arithmetic.Subtract,
            Arithmetic.Subtract,
            Arithmetic.Subtract,
            Arithmetic.Subtract);
    }

    protected override Tensor?[] Backward(Tensor g) =>
        [Needs(0) ? g.SumTo(_left) : null, Needs(1) ? -g.SumTo(_right) : null];
}

/// <summary>y = s − x for a number s; dx = −g. Keeps nothing.</summary>
internal sealed class SubtractFromScalarOp(double s) : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples => ElementwiseExamples.Of(x => 0.75 - x);

    protected override Tensor Forward(Tensor[] inputs) => Map.Scalar(
        Name,
        inputs[0],
        s,
        Arithmetic.SubtractFromScalar,
        Arithmetic.SubtractFromScalar,
        Arithmetic.SubtractFromScalar,
        Arithmetic.SubtractFromScalar);

    protected override Tensor?[] Backward(Tensor g) => [-g];
}
