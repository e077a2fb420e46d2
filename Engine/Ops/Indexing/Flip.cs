namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>A copy with some axes turned around: y[.., i, ..] = x[.., n − 1 − i, ..].</summary>
    /// <exception cref="ShapeException">There is no such axis, or it is named twice.</exception>
    public Tensor Flip(params ReadOnlySpan<int> axes) => new FlipOp(axes.ToArray()).Apply(this);

    /// <summary>
    /// A copy shifted along an axis; what leaves at the end comes in at the start: y[(i + shift) mod n] = x[i].
    /// </summary>
    /// <param name="shift">By how many elements; negative shifts towards the start.</param>
    /// <param name="axis">The axis; negative counts from the end.</param>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    public Tensor Roll(int shift, int axis = 0)
    {
        int size = Shape[axis];
        if (size == 0)
            return Clone();
        // A remainder, so that neither sum leaves the ints.
        int forward = shift % size;
        int cut = forward > 0 ? size - forward : -forward;
        using var end = Slice(axis, cut, size);
        using var start = Slice(axis, 0, cut);
        return Concat([end, start], axis);
    }
}

/// <summary>y = x with axes turned around; dx = g turned around. Keeps nothing.</summary>
internal sealed class FlipOp(int[] axes) : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
    [
        Example("rows", [4, 3], 0),
        Example("last two of three", [2, 3, 5], -1, 1),
        Example("none", [3, 2]),
        Example("empty", [0, 3], 0, 1),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        var x = inputs[0];
        var flipped = new bool[x.Rank];
        long[] strides = [.. x.StrideArray];
        long offset = x.Offset;
        foreach (int named in axes)
        {
            int axis = x.Shape.Axis(named);
            if (flipped[axis])
                throw new ShapeException($"Flip: axis {named} is named twice in [{string.Join(", ", axes)}].");
            flipped[axis] = true;
            if (x.Count > 0)
                offset += (x.Shape[axis] - 1) * strides[axis];
            strides[axis] = -strides[axis];
        }

        // Walked backwards, from the last element of each flipped axis.
        using var backwards = x.Alias(x.Shape, strides, offset);
        return backwards.Clone();
    }

    protected override Tensor?[] Backward(Tensor g) => [g.Flip(axes)];

    private static OpExample Example(string label, Shape shape, params int[] axes) =>
        new(label, t => t[0].Flip(axes), OpInput.Uniform(shape))
        {
            Options = new Dictionary<string, object> { ["axes"] = axes },
        };
}
