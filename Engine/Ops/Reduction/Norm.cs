namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>The p-norm of all elements, without axes.</summary>
    /// <inheritdoc cref="Norm(double, ReadOnlySpan{int}, bool)"/>
    public Tensor Norm(double p = 2) => Norm(p, AxisReduction.AllAxes(Shape));

    /// <summary>The p-norm along some axes: (Σ |x|^p)^(1/p); for p = ∞ the largest |x|.</summary>
    /// <remarks>
    /// The derivative at 0 is taken as 0. For p = ∞ it goes to all elements that reach the norm, in equal parts.
    /// </remarks>
    /// <param name="p">Above 0; 1, 2 and ∞ are the usual ones.</param>
    /// <param name="axes">Over which axes; negative counts from the end.</param>
    /// <param name="keepAxes">Keep them with size 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">p is not above 0.</exception>
    /// <exception cref="ShapeException">There is no such axis, or it is named twice.</exception>
    /// <exception cref="DTypeException">The elements are integers.</exception>
    public Tensor Norm(double p, ReadOnlySpan<int> axes, bool keepAxes = false)
    {
        if (!(p > 0))
        {
            throw new ArgumentOutOfRangeException(
                nameof(p), p, "Norm: p must be above 0; 1, 2 and double.PositiveInfinity are the usual ones.");
        }

        var y = new NormOp(p, axes.ToArray()).Apply(this);
        return keepAxes ? y : y.IntoShape(AxisReduction.Of(nameof(Norm), Shape, axes).Without);
    }
}

/// <summary>
/// y = (Σ |x|^p)^(1/p) along axes, kept as 1; dx = g sign(x) (|x| / y)^(p − 1), 0 where x or y is 0. Keeps x and y.
/// </summary>
internal sealed class NormOp(double p, int[] axes) : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
        from p in new[] { 1, 2, 3, 1.5, double.PositiveInfinity }
        from example in new[]
        {
            Example("rows", p, [4, 7], 1),
            Example("all", p, [3, 5], 0, 1),
            Example("outer two of three", p, [3, 2, 2], 0, 2),
            Example("of nothing", p, [2, 0], 1),
        }
        select example;

    protected override Tensor Forward(Tensor[] inputs)
    {
        var x = inputs[0];
        if (!x.DType.IsFloat())
            throw Map.Unsupported(Name, x.DType);
        var y = Compute(x, AxisReduction.Of(Name, x.Shape, axes));
        Keep(x, y);
        return y;
    }

    protected override Tensor?[] Backward(Tensor g)
    {
        var (x, y) = (Kept(0), Kept(1));
        if (p == 1)
            return [x.Sign() * g];
        // Where y = 0 every x is 0; dividing by 1 there gives the derivative 0 instead of 0/0.
        var divisor = Tensor.Where(y.Equal(0), y.OnesLike(), y);
        if (p == 2)
            return [x * (g / divisor)];
        if (double.IsPositiveInfinity(p))
        {
            var reached = x.Abs().Equal(y).To(x.DType);
            return [x.Sign() * reached * (g / reached.Sum(axes, keepAxes: true))];
        }

        // |x|^(p − 2) is infinite at 0 for p < 2, so that the power is taken elsewhere only.
        var size = Tensor.Where(x.Equal(0), x.OnesLike(), x.Abs());
        return [x.Sign() * (size / divisor).Pow(p - 1) * g];
    }

    private Tensor Compute(Tensor x, AxisReduction reduction)
    {
        if (reduction.Length == 0)
            return Tensor.Zeros(reduction.WithOnes, x.DType, x.Device);
        if (double.IsPositiveInfinity(p))
        {
            var largest = x.Abs();
            foreach (int axis in axes)
                largest = largest.Max(axis, keepAxes: true);
            return largest;
        }

        using var powers = p == 1 ? x.Abs() : p == 2 ? x.Square() : x.Abs().Pow(p);
        var sum = powers.Sum(axes, keepAxes: true);
        return p == 1 ? sum : p == 2 ? sum.Sqrt() : sum.Pow(1 / p);
    }

    private static OpExample Example(string label, double p, Shape shape, params int[] axes) =>
        new($"p {p}, {label}", t => new NormOp(p, axes).Apply(t[0]), OpInput.AwayFrom(shape, 0))
        {
            Options = new Dictionary<string, object> { ["p"] = p, ["axes"] = axes },
        };
}
