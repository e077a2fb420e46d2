using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>
    /// y = a / b, elementwise. a and b of any shapes that broadcast; y has the broadcast shape. Floats only.
    /// </summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    /// <exception cref="DTypeException">The types differ, or are no floats.</exception>
    public static Tensor operator /(Tensor left, Tensor right) => new DivideOp().Apply(left, right);

    /// <summary>y = a / s for a number s. Floats only.</summary>
    /// <exception cref="DTypeException">a holds no floats.</exception>
    public static Tensor operator /(Tensor left, double right) => new DivideByScalarOp(right).Apply(left);

    /// <summary>y = s / a for a number s. Floats only.</summary>
    /// <exception cref="DTypeException">a holds no floats.</exception>
    public static Tensor operator /(double left, Tensor right) => new DivideScalarOp(left).Apply(right);
}

/// <summary>
/// y = a / b; da = g / b, db = −(g / b) y, each summed over the axes it was broadcast along. Keeps b and y.
/// </summary>
internal sealed class DivideOp : Op, IOpExamples
{
    private Shape _left;

    public static IEnumerable<OpExample> Examples => ElementwiseExamples.Of((a, b) => a / b, 0.5, 2);

    protected override Tensor Forward(Tensor[] inputs)
    {
        _left = inputs[0].Shape;
        var y = Map.Binary(Name, inputs[0], inputs[1], Arithmetic.Divide, Arithmetic.Divide);
        Keep(inputs[1], y);
        return y;
    }

    protected override Tensor?[] Backward(Tensor g)
    {
        var da = g / Kept(0);
        return [Needs(0) ? da.SumTo(_left) : null, Needs(1) ? -(da * Kept(1)).SumTo(Kept(0).Shape) : null];
    }
}

/// <summary>y = x / s for a number s; dx = g / s. Keeps nothing.</summary>
internal sealed class DivideByScalarOp(double s) : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples => ElementwiseExamples.Of(x => x / 3);

    protected override Tensor Forward(Tensor[] inputs) =>
        Map.Scalar(Name, inputs[0], s, Arithmetic.DivideByScalar, Arithmetic.DivideByScalar);

    protected override Tensor?[] Backward(Tensor g) => [g / s];
}

/// <summary>y = s / x for a number s; dx = −g y / x. Keeps x and y.</summary>
internal sealed class DivideScalarOp(double s) : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples => ElementwiseExamples.Of(x => 3 / x, 0.5, 2);

    protected override Tensor Forward(Tensor[] inputs)
    {
        var y = Map.Scalar(Name, inputs[0], s, Arithmetic.DivideScalar, Arithmetic.DivideScalar);
        Keep(inputs[0], y);
        return y;
    }

    protected override Tensor?[] Backward(Tensor g) => [-(g * Kept(1) / Kept(0))];
}
