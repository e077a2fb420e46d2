namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>A view of one index of an axis; the axis is gone.</summary>
    /// <param name="axis">The axis; negative counts from the end.</param>
    /// <param name="index">The index along it; negative counts from the end.</param>
    /// <exception cref="ShapeException">There is no such axis or index.</exception>
    public Tensor Select(int axis, int index)
    {
        axis = Shape.Axis(axis);
        int size = Shape[axis];
        int at = index < 0 ? index + size : index;
        if (at < 0 || at >= size)
        {
            throw new ShapeException(size == 0
                ? $"Select: axis {axis} of shape {Shape} has no elements; got index {index}."
                : $"Select: index {index} is outside axis {axis} of shape {Shape}; " +
                    $"indices go from {-size} to {size - 1}.");
        }

        return new SelectOp(axis, at).Apply(this);
    }
}

/// <summary>A view of one index of an axis; dx = zeros with g at that index. Keeps nothing.</summary>
internal sealed class SelectOp(int axis, int index) : Op, IOpExamples
{
    private Shape _before;

    public static IEnumerable<OpExample> Examples =>
    [
        Example("row", [3, 4], 0, 1),
        Example("last of the middle axis", [2, 3, 4], -2, -1),
        Example("to scalar", [5], 0, 3),
        Example("of empty", [0, 2], 1, 1),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        var x = inputs[0];
        _before = x.Shape;
        long[] strides = [.. x.StrideArray.Where((_, a) => a != axis)];
        long offset = x.Count == 0 ? x.Offset : x.Offset + (index * x.StrideArray[axis]);
        return x.Alias(x.Shape.Without(axis), strides, offset);
    }

    protected override Tensor?[] Backward(Tensor g) =>
        [new SliceBackwardOp(_before, axis, index, index + 1, 1).Apply(g.Unsqueeze(axis))];

    private static OpExample Example(string label, Shape shape, int axis, int index) =>
        new(label, t => t[0].Select(axis, index), OpInput.Uniform(shape))
        {
            Options = new Dictionary<string, object> { ["axis"] = axis, ["index"] = index },
        };
}
