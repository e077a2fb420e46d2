namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>The mean of all elements, without axes. NaN when there are none.</summary>
    /// <exception cref="DTypeException">The elements are integers.</exception>
    public Tensor Mean() => Mean(AxisReduction.AllAxes(Shape));

    /// <summary>The mean along some axes: Σ x / n. NaN where there are no elements.</summary>
    /// <param name="axes">Over which axes; negative counts from the end.</param>
    /// <param name="keepAxes">Keep them with size 1.</param>
    /// <exception cref="ShapeException">There is no such axis, or it is named twice.</exception>
    /// <exception cref="DTypeException">The elements are integers.</exception>
    public Tensor Mean(ReadOnlySpan<int> axes, bool keepAxes = false)
    {
        if (!DType.IsFloat())
            throw Map.Unsupported(nameof(Mean), DType);
        using var sum = Sum(axes, keepAxes);
        return sum / ((double)Count / sum.Count);
    }
}
