using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Kernels.Dialect;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

/// <summary>
/// Checks index tensors, so that no kernel ever reads or writes outside of its memory, and runs their kernels.
/// </summary>
internal static class Indices
{
    /// <summary>Indices that one work item looks at.</summary>
    private const int CheckedBlock = 256;

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

        var shape = index.Shape;
        return Checked(
            index.To(DType.Int64).Contiguous(), size, ignored: null,
            (value, i) => OutOfRange(name, value, i, shape, size, bound));
    }

    /// <summary>
    /// The indices, every one of them in 0 … size − 1 or <paramref name="ignored"/>. On a device of its own memory
    /// they are looked at there: a copy in which bad ones are 0 is what kernels get, and the error comes when the host
    /// next reads from the device, so that no step waits for it.
    /// </summary>
    /// <param name="indices">Gapless, Int64.</param>
    /// <param name="size">The number of places.</param>
    /// <param name="ignored">An index that is good wherever it lies.</param>
    /// <param name="problem">Makes the error from the first bad index and its number.</param>
    public static Tensor Checked(Tensor indices, int size, long? ignored, Func<long, int, Exception> problem)
    {
        if (indices.Device is CpuDevice || indices.Count == 0 || size == 0)
        {
            Scan(
                indices.Device is CpuDevice ? indices.AsSpan<long>() : indices.ToArray<long>(), size, ignored, problem);
            return indices;
        }

        var device = indices.Device;
        var safe = indices.EmptyLike(indices.Shape);
        // These two outlive the operation, until the check has run.
        var held = indices.Alias(indices.Shape, indices.StrideArray, indices.Offset, track: false);
        var bad = Tensor.Empty([(indices.Count + CheckedBlock - 1) / CheckedBlock], DType.Int32, device, track: false);
        Indexing.CheckRange(
            device, bad.Count, indices.View<long>(), safe.View<long>(), bad.View<int>(), CheckedBlock, indices.Count,
            size, ignored ?? 0);
        device.WhenRead(() =>
        {
            using (held)
            using (bad)
            {
                if (bad.ToArray<int>().AsSpan().Contains(1))
                    Scan(held.ToArray<long>(), size, ignored, problem);
            }
        });
        return safe;
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

    private static void Scan(ReadOnlySpan<long> values, int size, long? ignored, Func<long, int, Exception> problem)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if ((ulong)values[i] >= (ulong)size && values[i] != ignored)
                throw problem(values[i], i);
        }
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
