using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Dialect;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

/// <summary>Finds the largest or smallest elements along an axis: their values and where they are.</summary>
internal static class ExtremumSearch
{
    private delegate void FirstStage<T>(
        Device device, int count, ArrayView<T> x, ArrayView<long> best, int length, int inner, int block, bool largest)
        where T : unmanaged;

    private delegate void SecondStage<T>(
        Device device,
        int count,
        ArrayView<T> x,
        ArrayView<long> best,
        ArrayView<long> index,
        ArrayView<T> y,
        int length,
        int inner,
        int blocks,
        bool largest)
        where T : unmanaged;

    /// <summary>Values and indices (Int64), both of x's shape with the axis as 1.</summary>
    /// <exception cref="ShapeException">The axis is empty, so there is nothing to choose from.</exception>
    public static (Tensor Values, Tensor Indices) Find(string name, Tensor x, int axis, bool largest)
    {
        var shape = x.Shape.With(axis, 1);
        if (x.Shape[axis] == 0 && shape.ElementCount > 0)
            throw new ShapeException($"{name}: axis {axis} of shape {x.Shape} has no elements to choose from.");
        x = x.Contiguous();
        return x.DType switch
        {
            DType.Float32 => Run<float>(x, axis, shape, largest, Extrema.BestOfBlocks, Extrema.BestOfBest),
            DType.Float64 => Run<double>(x, axis, shape, largest, Extrema.BestOfBlocks, Extrema.BestOfBest),
            DType.Int32 => Run<int>(x, axis, shape, largest, Extrema.BestOfBlocks, Extrema.BestOfBest),
            DType.Int64 => Run<long>(x, axis, shape, largest, Extrema.BestOfBlocks, Extrema.BestOfBest),
            _ => throw Map.Unsupported(name, x.DType),
        };
    }

    private static (Tensor Values, Tensor Indices) Run<T>(
        Tensor x, int axis, Shape shape, bool largest, FirstStage<T> firstStage, SecondStage<T> secondStage)
        where T : unmanaged
    {
        var (outer, inner) = Indices.Around(x.Shape, axis);
        int length = x.Shape[axis];
        int blocks = (int)(((long)length + Extrema.Block - 1) / Extrema.Block);
        var values = x.EmptyLike(shape);
        var indices = Tensor.Empty(shape, DType.Int64, x.Device);
        using var best = Tensor.Empty([outer, blocks, inner], DType.Int64, x.Device);
        firstStage(x.Device, best.Count, x.View<T>(), best.View<long>(), length, inner, Extrema.Block, largest);
        secondStage(
            x.Device, values.Count, x.View<T>(), best.View<long>(), indices.View<long>(), values.View<T>(),
            length, inner, blocks, largest);
        GC.KeepAlive(x);
        return (values, indices);
    }
}
