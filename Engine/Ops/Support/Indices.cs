using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Engine;

/// <summary>
/// Checks index tensors, so that no kernel ever reads or writes outside of its memory, and runs their kernels.
/// </summary>
internal static class Indices
{
    /// <summary>A kernel that moves elements between x and y by an index.</summary>
    public delegate void Kernel<T>(
        Device device,
        int count,
        ArrayView<T> x,
        ArrayView<long> index,
        ArrayView<T> y,
        int size,
        int taken,
        int inner)
        where T : unmanaged;

    /// <summary>The indices as gapless Int64, every one of them in 0 … size − 1.</summary>
    /// <exception cref="DTypeException">They are no integers.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// One lies outside; the message names it, its place, the bound.
    /// </exception>
    public static Tensor Checked(string name, Tensor index, int size, string bound)
    {
        if (!index.DType.IsInteger())
        {
            throw new DTypeException(
                $"{name}: indices must be Int64 or Int32; got {index.DType}; convert with To(DType.Int64).");
        }

        var indices = index.To(DType.Int64).Contiguous();
        ReadOnlySpan<long> values = indices.Device is CpuDevice ? indices.AsSpan<long>() : indices.ToArray<long>();
        for (int i = 0; i < values.Length; i++)
        {
            if ((ulong)values[i] >= (ulong)size)
                throw OutOfRange(name, values[i], i, index.Shape, size, bound);
        }

        return indices;
    }

    /// <summary>Both tensors live on one device.</summary>
    public static void RequireSameDevice(string name, Tensor x, Tensor index)
    {
        if (x.Device != index.Device)
        {
            throw new ArgumentException(
                $"{name}: the tensor is on {x.Device.Name}, the indices on {index.Device.Name}; " +
                "move one with To(device).");
        }
    }

    /// <summary>
    /// Runs a kernel in the type of y. x, y and the checked indices are gapless; sizes are those of the axis.
    /// </summary>
    public static void Run(
        string name,
        int count,
        (Tensor X, Tensor Index, Tensor Y) tensors,
        (int Size, int Taken, int Inner) sizes,
        Kernel<float> f32,
        Kernel<double> f64,
        Kernel<int> i32,
        Kernel<long> i64)
    {
        switch (tensors.Y.DType)
        {
            case DType.Float32: Run(count, tensors, sizes, f32); break;
            case DType.Float64: Run(count, tensors, sizes, f64); break;
            case DType.Int32: Run(count, tensors, sizes, i32); break;
            case DType.Int64: Run(count, tensors, sizes, i64); break;
            default: throw Map.Unsupported(name, tensors.Y.DType);
        }
    }

    /// <summary>How a shape looks from one of its axes: [outer, axis, inner].</summary>
    public static (int Outer, int Inner) Around(Shape shape, int axis) =>
        (shape[..axis].ElementCount, shape[(axis + 1)..].ElementCount);

    /// <summary>The index of an element on each axis, from its number in order.</summary>
    public static int[] Place(int flat, Shape shape)
    {
        var place = new int[shape.Rank];
        for (int axis = shape.Rank - 1; axis >= 0; axis--)
        {
            place[axis] = flat % shape[axis];
            flat /= shape[axis];
        }

        return place;
    }

    private static void Run<T>(
        int count, (Tensor X, Tensor Index, Tensor Y) t, (int Size, int Taken, int Inner) sizes, Kernel<T> kernel)
        where T : unmanaged
    {
        var (size, taken, inner) = sizes;
        kernel(t.Y.Device, count, t.X.View<T>(), t.Index.View<long>(), t.Y.View<T>(), size, taken, inner);
        GC.KeepAlive(t.X);
        GC.KeepAlive(t.Index);
    }

    private static ArgumentOutOfRangeException OutOfRange(
        string name, long value, int flat, Shape shape, int size, string bound)
    {
        string place = $"[{string.Join(", ", Place(flat, shape))}]";
        string range = size == 0 ? "which has no elements" : $"valid are 0 to {size - 1}";
        return new ArgumentOutOfRangeException(
            "index", $"{name}: index {value} at {place} is outside {bound} of size {size}; {range}.");
    }
}
