using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>y = a · b, elementwise. a and b of any shapes that broadcast; y has the broadcast shape.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    /// <exception cref="DTypeException">The types differ.</exception>
    public static Tensor operator *(Tensor left, Tensor right) => new MultiplyOp().Apply(left, right);

    /// <summary>y = a · s for a number s.</summary>
    /// <exception cref="DTypeException">a holds integers and s is none.</exception>
    public static Tensor operator *(Tensor left, double right) => new MultiplyScalarOp(right).Apply(left);

    /// <summary>y = s · a for a number s.</summary>
    /// <exception cref="DTypeException">a holds integers and s is none.</exception>
    public static Tensor operator *(double left, Tensor right) => new MultiplyScalarOp(left).Apply(right);
}

/// <summary>
/// y = a · b; da = g · b, db = g · a, each summed over the axes it was broadcast along. Keeps a and b.
/// </summary>
internal sealed class MultiplyOp : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples => ElementwiseExamples.Of((a, b) => a * b);

    protected override Tensor Forward(Tensor[] inputs)
    {
        Keep(inputs[0], inputs[1]);
        return Map.Binary(
            Name,
            inputs[0],
            inputs[1],
            Arithmetic.Multiply,
            Arithmetic.Multiply,
            Arithmetic.Multiply,
            Arithmetic.Multiply);
    }

    protected override Tensor?[] Backward(Tensor g) =>
    [
        Needs(0) ? (g * Kept(1)).SumTo(Kept(0).Shape) : null,
        Needs(1) ? (g * Kept(0)).SumTo(Kept(1).Shape) : null,
    ];
}

/// <summary>y = x · s for a number s; dx = g · s. Keeps nothing.</summary>
internal sealed class MultiplyScalarOp(double s) : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples => ElementwiseExamples.Of(x => -1.5 * x);

    protected override Tensor Forward(Tensor[] inputs) => Map.Scalar(
        Name,
        inputs[0],
        s,
        Arithmetic.MultiplyScalar,
        Arithmetic.MultiplyScalar,
        Arithmetic.MultiplyScalar,
        Arithmetic.MultiplyScalar);

    protected override Tensor?[] Backward(Tensor g) => [g * s];
}
