namespace MomentumCore.Engine;

/// <summary>Views that differ from their source by axes of size 1 or by merged axes; all are reshapes.</summary>
public partial class Tensor
{
    /// <summary>A view without the axes of size 1.</summary>
    public Tensor Squeeze() => Reshape([.. Shape.Where(size => size != 1)]);

    /// <summary>A view without one axis, which has size 1.</summary>
    /// <exception cref="ShapeException">There is no such axis, or its size is not 1.</exception>
    public Tensor Squeeze(int axis)
    {
        if (Shape[axis] != 1)
        {
            throw new ShapeException(
                $"Squeeze: axis {axis} of shape {Shape} has size {Shape[axis]}; " +
                "only an axis of size 1 can go. Select picks one index.");
        }

        return Reshape(Shape.Without(axis));
    }

    /// <summary>A view with a new axis of size 1.</summary>
    /// <param name="axis">Where the new axis is in the result; negative counts from the result's end.</param>
    /// <exception cref="ShapeException">The result would have no such axis.</exception>
    public Tensor Unsqueeze(int axis)
    {
        if (axis < -Rank - 1 || axis > Rank)
        {
            throw new ShapeException(
                $"Unsqueeze: axis {axis} is outside the result of shape {Shape} with one more axis; " +
                $"axes go from {-Rank - 1} to {Rank}.");
        }

        var sizes = Shape.ToList();
        sizes.Insert(axis < 0 ? axis + Rank + 1 : axis, 1);
        return Reshape([.. sizes]);
    }

    /// <summary>
    /// The axes from <paramref name="startAxis"/> to <paramref name="endAxis"/>, both included, merged into one.
    /// </summary>
    /// <remarks>
    /// A view where the memory allows it, as <see cref="Reshape"/>. A scalar becomes a vector of one element.
    /// </remarks>
    /// <exception cref="ShapeException">There is no such axis, or the end lies before the start.</exception>
    public Tensor Flatten(int startAxis = 0, int endAxis = -1)
    {
        if (Rank == 0)
            return Reshape(1);
        int start = Shape.Axis(startAxis);
        int end = Shape.Axis(endAxis);
        if (end < start)
        {
            throw new ShapeException(
                $"Flatten: axis {endAxis} lies before axis {startAxis} in shape {Shape}; wanted startAxis ≤ endAxis.");
        }

        return Reshape([.. Shape[..start], Shape[start..(end + 1)].ElementCount, .. Shape[(end + 1)..]]);
    }
}
