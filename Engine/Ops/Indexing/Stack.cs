namespace MomentumCore.Engine;

/// <summary>Joining along a new axis, and cutting into equal parts.</summary>
public partial class Tensor
{
    /// <summary>The tensors side by side along a new axis. All have one shape.</summary>
    /// <param name="tensors">At least one tensor.</param>
    /// <param name="axis">Where the new axis is in the result; negative counts from the result's end.</param>
    /// <exception cref="ArgumentNullException">The list or one of its tensors is null.</exception>
    /// <exception cref="ShapeException">There is nothing to stack, or the shapes differ.</exception>
    /// <exception cref="DTypeException">The types differ.</exception>
    public static Tensor Stack(IReadOnlyList<Tensor> tensors, int axis = 0)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        for (int i = 0; i < tensors.Count; i++)
        {
            if (tensors[i] == null)
                throw new ArgumentNullException(nameof(tensors), $"Stack: tensor {i} is null; pass tensors only.");
        }

        for (int i = 1; i < tensors.Count; i++)
        {
            if (tensors[i].Shape != tensors[0].Shape)
            {
                throw new ShapeException(
                    $"Stack: tensor {i} has shape {tensors[i].Shape}, tensor 0 has {tensors[0].Shape}; " +
                    "all must be equal.");
            }
        }

        if (tensors.Count == 0)
            throw new ShapeException("Stack: got no tensors; pass at least one.");
        Tensor[] views = [.. tensors.Select(t => t.Unsqueeze(axis))];
        var y = Concat(views, axis);
        foreach (var view in views)
            view.Dispose();
        return y;
    }

    /// <summary>Views of this tensor cut along an axis into parts of one size; the last may be smaller.</summary>
    /// <param name="size">The size of the parts, 1 or more.</param>
    /// <param name="axis">The axis to cut; negative counts from the end.</param>
    /// <exception cref="ShapeException">The size is not positive, or there is no such axis.</exception>
    public Tensor[] Split(int size, int axis = 0)
    {
        if (size < 1)
            throw new ShapeException($"Split: the size of the parts must be 1 or more; got {size}.");
        return new SplitOp(size, Shape.Axis(axis)).Run(this);
    }

    /// <summary>
    /// Views of this tensor cut along an axis into at most <paramref name="count"/> parts of one size, the last
    /// smaller.
    /// </summary>
    /// <param name="count">How many parts, 1 or more; fewer come back where the axis does not give that many.</param>
    /// <param name="axis">The axis to cut; negative counts from the end.</param>
    /// <exception cref="ShapeException">The count is not positive, or there is no such axis.</exception>
    public Tensor[] Chunk(int count, int axis = 0)
    {
        if (count < 1)
            throw new ShapeException($"Chunk: the number of parts must be 1 or more; got {count}.");
        int size = Shape[axis];
        return Split(Math.Max(1, (int)(((long)size + count - 1) / count)), axis);
    }
}
