namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>The variance of all elements, without axes.</summary>
    /// <inheritdoc cref="Var(ReadOnlySpan{int}, int, bool)"/>
    public Tensor Var(int correction = 1) => Var(AxisReduction.AllAxes(Shape), correction);

    /// <summary>The variance along some axes: Σ (x − mean)² / (n − correction), in two passes.</summary>
    /// <remarks>NaN where n = correction and where there are no elements.</remarks>
    /// <param name="axes">Over which axes; negative counts from the end.</param>
    /// <param name="correction">
    /// 1 for the unbiased estimate of a sample, 0 for the variance of these very elements.
    /// </param>
    /// <param name="keepAxes">Keep them with size 1.</param>
    /// <exception cref="ShapeException">There is no such axis, or it is named twice.</exception>
    /// <exception cref="DTypeException">The elements are integers.</exception>
    public Tensor Var(ReadOnlySpan<int> axes, int correction = 1, bool keepAxes = false) =>
        new VarOp(axes.ToArray(), correction, keepAxes).Apply(this);

    /// <summary>The standard deviation of all elements, without axes: the root of <see cref="Var(int)"/>.</summary>
    public Tensor Std(int correction = 1) => Std(AxisReduction.AllAxes(Shape), correction);

    /// <summary>
    /// The standard deviation along some axes: the root of <see cref="Var(ReadOnlySpan{int}, int, bool)"/>.
    /// </summary>
    /// <remarks>Its derivative is infinite or NaN where all elements are equal.</remarks>
    /// <inheritdoc cref="Var(ReadOnlySpan{int}, int, bool)"/>
    public Tensor Std(ReadOnlySpan<int> axes, int correction = 1, bool keepAxes = false)
    {
        using var variance = Var(axes, correction, keepAxes);
        return variance.Sqrt();
    }
}

/// <summary>y = Σ (x − mean)² / (n − correction); dx = 2 g (x − mean) / (n − correction). Keeps x.</summary>
internal sealed class VarOp(int[] axes, int correction, bool keepAxes) : Op, IOpExamples
{
    private Shape _withOnes;
    private double _divisor;

    public static IEnumerable<OpExample> Examples =>
    [
        Example("all", [4, 7], [0, 1], 1, false),
        Example("rows", [4, 7], [-1], 0, false),
        Example("batch and image, kept", [3, 2, 4], [0, 2], 1, true),
        Example("empty result", [0, 4], [1], 1, false),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        var x = inputs[0];
        if (!x.DType.IsFloat())
            throw Map.Unsupported(Name, x.DType);
        Keep(x);
        var reduction = AxisReduction.Of(Name, x.Shape, axes);
        _withOnes = reduction.WithOnes;
        _divisor = Math.Max(0, reduction.Length - correction);
        var difference = x - x.Mean(axes, keepAxes: true);
        using var squares = difference.Square();
        difference.Dispose();
        return squares.Sum(axes, keepAxes) / _divisor;
    }

    protected override Tensor?[] Backward(Tensor g)
    {
        var x = Kept(0);
        return [(x - x.Mean(axes, keepAxes: true)) * (g.Reshape(_withOnes) * (2 / _divisor))];
    }

    private static OpExample Example(string label, Shape shape, int[] axes, int correction, bool keep) =>
        new(label, t => t[0].Var(axes, correction, keep), OpInput.Uniform(shape))
        {
            Options = new Dictionary<string, object>
            {
                ["axes"] = axes, ["correction"] = correction, ["keepAxes"] = keep,
            },
        };
}
