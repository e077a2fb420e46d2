using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>log Σ e^x over all elements, without axes.</summary>
    /// <inheritdoc cref="LogSumExp(ReadOnlySpan{int}, bool)"/>
    public Tensor LogSumExp() => LogSumExp(AxisReduction.AllAxes(Shape));

    /// <summary>
    /// log Σ e^x along some axes, as m + log Σ e^(x − m) with the maximum m, so that nothing overflows.
    /// </summary>
    /// <remarks>−∞ where there are no elements or all are −∞; there the derivative is 0.</remarks>
    /// <param name="axes">Over which axes; negative counts from the end.</param>
    /// <param name="keepAxes">Keep them with size 1.</param>
    /// <exception cref="ShapeException">There is no such axis, or it is named twice.</exception>
    /// <exception cref="DTypeException">The elements are integers.</exception>
    public Tensor LogSumExp(ReadOnlySpan<int> axes, bool keepAxes = false)
    {
        var y = new LogSumExpOp(axes.ToArray()).Apply(this);
        return keepAxes ? y : y.IntoShape(AxisReduction.Of(nameof(LogSumExp), Shape, axes).Without);
    }
}

/// <summary>y = log Σ e^x along axes, kept as 1; dx = g e^(x − y). Keeps x and y.</summary>
internal sealed class LogSumExpOp(int[] axes) : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
    [
        Example("rows", OpInput.Uniform([4, 7]), 1),
        Example("all", OpInput.Uniform([3, 5]), 0, 1),
        Example("outer two of three", OpInput.Uniform([3, 2, 5]), 0, 2),
        Example("large", OpInput.Uniform([3, 5], 900, 1000), 1),
        Example("of nothing", OpInput.Uniform([3, 0]), 1),
        Example("no axes", OpInput.Uniform([3])),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        var x = inputs[0];
        if (!x.DType.IsFloat())
            throw Map.Unsupported(Name, x.DType);
        var reduction = AxisReduction.Of(Name, x.Shape, axes);
        if (reduction.Length == 0)
            return Result(x, Tensor.Full(reduction.WithOnes, double.NegativeInfinity, x.DType, x.Device));
        var largest = x;
        foreach (int axis in axes)
            largest = largest.Max(axis, keepAxes: true);
        using var powers = Map.Binary(Name, x, largest, Exponentials.ShiftedExp, Exponentials.ShiftedExp);
        var sum = powers.Sum(axes, keepAxes: true);
        return Result(x, Map.Binary(Name, sum, largest, Exponentials.ShiftedLog, Exponentials.ShiftedLog));
    }

    protected override Tensor?[] Backward(Tensor g) => [new ShiftedExpOp().Apply(Kept(0), Kept(1)) * g];

    private Tensor Result(Tensor x, Tensor y)
    {
        Keep(x, y);
        return y;
    }

    private static OpExample Example(string label, OpInput input, params int[] axes) =>
        new(label, t => new LogSumExpOp(axes).Apply(t[0]), input)
        {
            Options = new Dictionary<string, object> { ["axes"] = axes },
        };
}
