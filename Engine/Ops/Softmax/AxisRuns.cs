using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Dialect;

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

    /// <summary>A kernel from runs of x to runs of y.</summary>
    public delegate void Launch1<T>(
        Device device, int count, ArrayView<T> x, ArrayView<T> y, int size, int inner)
        where T : unmanaged;

    /// <summary>A kernel from runs of x and g to runs of y.</summary>
    public delegate void Launch2<T>(
        Device device, int count, ArrayView<T> x, ArrayView<T> g, ArrayView<T> y, int size, int inner)
        where T : unmanaged;

    /// <summary>y of x's shape, where every run of y comes from the same run of x.</summary>
    public static Tensor Map(string name, Tensor input, int axis, Launch1<float> f32, Launch1<double> f64)
    {
        var runs = Around(input.Shape, axis);
        var x = input.Contiguous();
        var y = x.EmptyLike(x.Shape);
        switch (x.DType)
        {
            case DType.Float32:
                f32(x.Device, runs.Count, x.View<float>(), y.View<float>(), runs.Size, runs.Inner);
                break;
            case DType.Float64:
                f64(x.Device, runs.Count, x.View<double>(), y.View<double>(), runs.Size, runs.Inner);
                break;
            default:
                throw Engine.Map.Unsupported(name, x.DType);
        }

        return y;
    }

    /// <summary>The same from x, Float32 or Float64 and gapless, and g.</summary>
    public static Tensor Map(Tensor x, Tensor upstream, int axis, Launch2<float> f32, Launch2<double> f64)
    {
        var runs = Around(x.Shape, axis);
        var g = upstream.Contiguous();
        var y = x.EmptyLike(x.Shape);
        if (x.DType == DType.Float32)
            f32(x.Device, runs.Count, x.View<float>(), g.View<float>(), y.View<float>(), runs.Size, runs.Inner);
        else
            f64(x.Device, runs.Count, x.View<double>(), g.View<double>(), y.View<double>(), runs.Size, runs.Inner);
        return y;
    }
}
