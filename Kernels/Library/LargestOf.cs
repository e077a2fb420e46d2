using System.Numerics;
using System.Runtime.Intrinsics;
using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>
/// Launches the searches for the largest magnitude of each block: the CPU runs hand-written vector twins of
/// <see cref="Momentum"/>'s kernels, with the same results.
/// </summary>
public static unsafe class LargestOf
{
    /// <summary>Elements of one block.</summary>
    public const int Block = 16 * 1024;

    /// <summary>largest[i] = the largest |a − b| in block i; NaN when there is one.</summary>
    /// <param name="device">Where the views are.</param>
    /// <param name="a">The first <paramref name="count"/> elements are looked at.</param>
    /// <param name="b">As many.</param>
    /// <param name="largest">One element for each block.</param>
    /// <param name="count">How many elements there are.</param>
    /// <exception cref="ArgumentException">A view is too short.</exception>
    public static void Difference(
        Device device, ArrayView<float> a, ArrayView<float> b, ArrayView<float> largest, int count)
    {
        if (device is CpuDevice cpu)
            Launch(cpu, new Differences<float>(Pointer(a, count), Pointer(b, count)), largest, count);
        else
            Momentum.LargestDifference(device, Blocks(count), a, b, largest, Block, count);
    }

    /// <inheritdoc cref="Difference(Device, ArrayView{float}, ArrayView{float}, ArrayView{float}, int)"/>
    public static void Difference(
        Device device, ArrayView<double> a, ArrayView<double> b, ArrayView<double> largest, int count)
    {
        if (device is CpuDevice cpu)
            Launch(cpu, new Differences<double>(Pointer(a, count), Pointer(b, count)), largest, count);
        else
            Momentum.LargestDifference(device, Blocks(count), a, b, largest, Block, count);
    }

    /// <summary>largest[i] = the largest |a| in block i; NaN when there is one.</summary>
    /// <param name="device">Where the views are.</param>
    /// <param name="a">The first <paramref name="count"/> elements are looked at.</param>
    /// <param name="largest">One element for each block.</param>
    /// <param name="count">How many elements there are.</param>
    /// <exception cref="ArgumentException">A view is too short.</exception>
    public static void Magnitude(Device device, ArrayView<float> a, ArrayView<float> largest, int count)
    {
        if (device is CpuDevice cpu)
            Launch(cpu, new LaneSum.Values<float> { X = Pointer(a, count) }, largest, count);
        else
            Momentum.LargestMagnitude(device, Blocks(count), a, largest, Block, count);
    }

    /// <inheritdoc cref="Magnitude(Device, ArrayView{float}, ArrayView{float}, int)"/>
    public static void Magnitude(Device device, ArrayView<double> a, ArrayView<double> largest, int count)
    {
        if (device is CpuDevice cpu)
            Launch(cpu, new LaneSum.Values<double> { X = Pointer(a, count) }, largest, count);
        else
            Momentum.LargestMagnitude(device, Blocks(count), a, largest, Block, count);
    }

    /// <summary>How many blocks there are.</summary>
    /// <param name="count">How many elements there are.</param>
    public static int Blocks(int count) => (int)(((long)count + Block - 1) / Block);

    private static void Launch<T, TTerm>(CpuDevice cpu, TTerm term, ArrayView<T> largest, int count)
        where T : unmanaged, INumber<T>
        where TTerm : unmanaged, LaneSum.ITerm<T>
    {
        int blocks = Blocks(count);
        cpu.Run(blocks, Block, new Body<T, TTerm> { Term = term, Largest = Pointer(largest, blocks), Count = count });
    }

    private static T* Pointer<T>(ArrayView<T> view, int count)
        where T : unmanaged =>
        view.Length >= count
            ? view.Pointer
            : throw new ArgumentException($"LargestOf: a view of {view.Length} elements does not hold {count}.");

    /// <summary>|a − b| is that of the difference.</summary>
    private readonly struct Differences<T>(T* a, T* b) : LaneSum.ITerm<T>
        where T : unmanaged, INumber<T>
    {
        private readonly T* _a = a;
        private readonly T* _b = b;

        public Vector512<T> Vector(int k) => Vector512.Load(_a + k) - Vector512.Load(_b + k);

        public T Scalar(int k) => _a[k] - _b[k];
    }

    private struct Body<T, TTerm> : IRangeBody
        where T : unmanaged, INumber<T>
        where TTerm : unmanaged, LaneSum.ITerm<T>
    {
        public TTerm Term;
        public T* Largest;
        public int Count;

        public readonly void Run(int start, int end)
        {
            for (int block = start; block < end; block++)
            {
                int first = block * Block;
                Largest[block] = OfRun(Term, first, first + Math.Min(Block, Count - first));
            }
        }

        private static T OfRun(TTerm term, int k, int end)
        {
            // Magnitudes are ordered as their bits are, and NaN is above infinity.
            var lanes = Vector512<T>.Zero;
            for (; k <= end - Vector512<T>.Count; k += Vector512<T>.Count)
            {
                var magnitudes = Vector512.Abs(term.Vector(k));
                lanes = typeof(T) == typeof(float)
                    ? Vector512.Max(lanes.AsInt32(), magnitudes.AsInt32()).As<int, T>()
                    : Vector512.Max(lanes.AsInt64(), magnitudes.AsInt64()).As<long, T>();
            }

            T found = T.Zero;
            for (int lane = 0; lane < Vector512<T>.Count; lane++)
                found = Larger(found, lanes[lane]);
            for (; k < end; k++)
                found = Larger(found, T.Abs(term.Scalar(k)));
            return found;
        }

        private static T Larger(T found, T magnitude) => magnitude > found || T.IsNaN(magnitude) ? magnitude : found;
    }
}
