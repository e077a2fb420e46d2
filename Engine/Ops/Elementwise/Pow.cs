using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>
    /// y = x^p for a number p, elementwise. Any shape, Float32 or Float64. NaN for negative x and a broken p.
    /// </summary>
    public Tensor Pow(double exponent) => exponent == 2 ? Square() : new PowScalarOp(exponent).Apply(this);

    /// <summary>y = x^p, elementwise. x and p of any shapes that broadcast; y has the broadcast shape.</summary>
    /// <remarks>The derivative by x is 0 where p = 0, and that by p is 0 where x = 0 and p ≥ 0.</remarks>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    /// <exception cref="DTypeException">The types differ, or are no floats.</exception>
    public Tensor Pow(Tensor exponent) => new PowOp().Apply(this, exponent);
}

/// <summary>y = x^p; dx = g p x^(p − 1), which is 0 for p = 0 even at x = 0. Keeps x.</summary>
internal sealed class PowScalarOp(double p) : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
    [
        .. Labelled(3, -2, 2),
        .. Labelled(-1.5, 0.5, 2),
        .. Labelled(0, -2, 2),
        .. Labelled(1, -2, 2),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        Keep(inputs[0]);
        return Map.Scalar(Name, inputs[0], p, Arithmetic.PowScalar, Arithmetic.PowScalar);
    }

    protected override Tensor?[] Backward(Tensor g) => [p == 0 ? g.ZerosLike() : p * (g * Kept(0).Pow(p - 1))];

    private static IEnumerable<OpExample> Labelled(double p, double low, double high) =>
        ElementwiseExamples.Of(x => new PowScalarOp(p).Apply(x), low, high).Select(example => example with
        {
            Label = $"{example.Label}, power {p}",
            Options = new Dictionary<string, object> { ["exponent"] = p },
        });
}

/// <summary>
/// y = x^p; dx = g p x^(p − 1), dp = g y ln x, each 0 where its factor is, and summed over the axes it was broadcast
/// along. Keeps x, p and y.
/// </summary>
internal sealed class PowOp : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples => ElementwiseExamples.Of((a, b) => b.Pow(a), 0.5, 2);

    protected override Tensor Forward(Tensor[] inputs)
    {
        var y = Map.Binary(Name, inputs[0], inputs[1], Arithmetic.Pow, Arithmetic.Pow);
        Keep(inputs[0], inputs[1], y);
        return y;
    }

    protected override Tensor?[] Backward(Tensor g)
    {
        var (x, p) = (Kept(0), Kept(1));
        var zero = Tensor.Scalar(0, g.DType, g.Device);
        Tensor? dx = null, dp = null;
        if (Needs(0))
            dx = Tensor.Where(p.Equal(0), zero, g * p * x.Pow(p - 1.0)).SumTo(x.Shape);
        if (Needs(1))
        {
            var vanishes = x.Equal(0) * p.GreaterOrEqual(0);
            dp = Tensor.Where(vanishes, zero, g * Kept(2) * x.Log()).SumTo(p.Shape);
        }

        return [dx, dp];
    }
}
