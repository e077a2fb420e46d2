namespace MomentumCore.Engine;

/// <summary>
/// A shape seen as [outer, size, inner] around one axis: how kernels walk along an axis without moving anything.
/// </summary>
internal readonly record struct AxisRuns(int Outer, int Size, int Inner)
{
    /// <summary>The number of runs along the axis.</summary>
    public int Count => Outer * Inner;

    public static AxisRuns Around(Shape shape, int axis)
    {
        int a = shape.Axis(axis);
        return new AxisRuns(shape[..a].ElementCount, shape[a], shape[(a + 1)..].ElementCount);
    }
}
