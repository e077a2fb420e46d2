namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>
    /// A view of the elements <paramref name="start"/>, start + step, … before <paramref name="end"/> along an axis.
    /// </summary>
    /// <param name="axis">The axis; negative counts from the end.</param>
    /// <param name="start">The first index; negative counts from the end of the axis.</param>
    /// <param name="end">The index after the last, at most the size of the axis; negative counts from the end.</param>
    /// <param name="step">1 or more: how far one taken index lies from the next.</param>
    /// <exception cref="ShapeException">
    /// The range does not lie inside the axis, or the step is not positive.
    /// </exception>
    public Tensor Slice(int axis, int start, int end, int step = 1)
    {
        axis = Shape.Axis(axis);
        int size = Shape[axis];
        int from = start < 0 ? start + size : start;
        int to = end < 0 ? end + size : end;
        if (step < 1)
        {
            throw new ShapeException(
                $"Slice: step must be 1 or more; got {step}. Flip([{axis}]) turns an axis around.");
        }

        if (from < 0 || to > size || from > to)
        {
            throw new ShapeException(
                $"Slice: {start}..{end} does not lie inside axis {axis} of shape {Shape}; " +
                $"wanted 0 ≤ start ≤ end ≤ {size}, or negative numbers that count from the end.");
        }

        return new SliceOp(axis, from, to, step).Apply(this);
    }
}

/// <summary>A view of a range of an axis; dx = zeros with g in that range. Keeps nothing.</summary>
internal sealed class SliceOp(int axis, int start, int end, int step) : Op, IOpExamples
{
    private Shape _before;

    public static IEnumerable<OpExample> Examples =>
    [
        Example("rows", [5, 3], 0, 1, 4, 1),
        Example("every third column", [2, 7], 1, 0, 7, 3),
        Example("negative", [2, 3, 5], -1, -4, -1, 2),
        Example("nothing", [4, 3], 0, 2, 2, 1),
        Example("of empty", [0, 3], 1, 1, 3, 1),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        _before = inputs[0].Shape;
        return View(inputs[0], axis, start, end, step);
    }

    protected override Tensor?[] Backward(Tensor g) => [new SliceBackwardOp(_before, axis, start, end, step).Apply(g)];

    /// <summary>The view, without history.</summary>
    public static Tensor View(Tensor x, int axis, int start, int end, int step)
    {
        long[] strides = [.. x.StrideArray];
        int size = (int)(((long)end - start + step - 1) / step);
        // An empty view points at the first element: its start may lie behind the memory.
        long offset = size == 0 ? x.Offset : x.Offset + (start * strides[axis]);
        strides[axis] *= step;
        return x.Alias(x.Shape.With(axis, size), strides, offset);
    }

    private static OpExample Example(string label, Shape shape, int axis, int start, int end, int step) =>
        new(label, t => t[0].Slice(axis, start, end, step), OpInput.Uniform(shape))
        {
            Options = new Dictionary<string, object>
            {
                ["axis"] = axis, ["start"] = start, ["end"] = end, ["step"] = step,
            },
        };
}

/// <summary>Zeros with a range of an axis filled from x; dx = that range of g. Keeps nothing.</summary>
internal sealed class SliceBackwardOp(Shape shape, int axis, int start, int end, int step) : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
    [
        new("every second of five", t => new SliceBackwardOp([3, 5], 1, 1, 5, 2).Apply(t[0]), OpInput.Uniform([3, 2])),
        new("nothing", t => new SliceBackwardOp([3, 5], 1, 2, 2, 2).Apply(t[0]), OpInput.Uniform([3, 0])),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        var y = Tensor.Zeros(shape, inputs[0].DType, inputs[0].Device);
        Tensor.CopyElements(inputs[0], SliceOp.View(y, axis, start, end, step));
        return y;
    }

    protected override Tensor?[] Backward(Tensor h) => [h.Slice(axis, start, end, step)];
}
