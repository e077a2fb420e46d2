using System.Numerics;
using System.Runtime.Intrinsics;
using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>
/// Launches the searches for the largest magnitude of each row, in pieces: the CPU runs hand-written vector twins of
/// <see cref="Momentum"/>'s kernels, with the same results. What was found before stays where it is larger.
/// </summary>
public static unsafe class LargestOf
{
    /// <summary>The most elements of one piece of a row.</summary>
    public const int Block = 16 * 1024;

    /// <summary>largest[i] = the larger of itself and the largest |a − b| in piece i of the rows; NaN when there is one.</summary>
    /// <param name="device">Where the views are.</param>
    /// <param name="a">The first <paramref name="count"/> elements are looked at.</param>
    /// <param name="b">As many.</param>
    /// <param name="largest">One element for each of the <see cref="Blocks"/>.</param>
    /// <param name="count">How many elements there are, a multiple of <paramref name="row"/>.</param>
    /// <param name="row">Elements of a row, 1 or more.</param>
    /// <exception cref="ArgumentException">A view is too short.</exception>
    public static void Difference(
        Device device, ArrayView<float> a, ArrayView<float> b, ArrayView<float> largest, int count, int row)
    {
        if (device is CpuDevice cpu)
            Launch(cpu, new Differences<float>(Pointer(a, count), Pointer(b, count)), largest, count, row);
        else
            Momentum.LargestDifference(device, Blocks(count, row), a, b, largest, Block, row);
    }

    /// <inheritdoc cref="Difference(Device, ArrayView{float}, ArrayView{float}, ArrayView{float}, int, int)"/>
    public static void Difference(
        Device device, ArrayView<double> a, ArrayView<double> b, ArrayView<double> largest, int count, int row)
    {
        if (device is CpuDevice cpu)
            Launch(cpu, new Differences<double>(Pointer(a, count), Pointer(b, count)), largest, count, row);
        else
            Momentum.LargestDifference(device, Blocks(count, row), a, b, largest, Block, row);
    }

    /// <summary>largest[i] = the larger of itself and the largest |a| in piece i of the rows; NaN when there is one.</summary>
    /// <param name="device">Where the views are.</param>
    /// <param name="a">The first <paramref name="count"/> elements are looked at.</param>
    /// <param name="largest">One element for each of the <see cref="Blocks"/>.</param>
    /// <param name="count">How many elements there are, a multiple of <paramref name="row"/>.</param>
    /// <param name="row">Elements of a row, 1 or more.</param>
    /// <exception cref="ArgumentException">A view is too short.</exception>
    public static void Magnitude(Device device, ArrayView<float> a, ArrayView<float> largest, int count, int row)
    {
        if (device is CpuDevice cpu)
            Launch(cpu, new LaneSum.Values<float> { X = Pointer(a, count) }, largest, count, row);
        else
            Momentum.LargestMagnitude(device, Blocks(count, row), a, largest, Block, row);
    }

    /// <inheritdoc cref="Magnitude(Device, ArrayView{float}, ArrayView{float}, int, int)"/>
    public static void Magnitude(Device device, ArrayView<double> a, ArrayView<double> largest, int count, int row)
    {
        if (device is CpuDevice cpu)
            Launch(cpu, new LaneSum.Values<double> { X = Pointer(a, count) }, largest, count, row);
        else
            Momentum.LargestMagnitude(device, Blocks(count, row), a, largest, Block, row);
    }

    /// <summary>How many pieces all rows have.</summary>
    /// <param name="count">How many elements there are.</param>
    /// <param name="row">Elements of a row.</param>
    public static int Blocks(int count, int row) => count / row * Pieces(row);

    /// <summary>How many pieces a row has.</summary>
    /// <param name="row">Elements of a row.</param>
    public static int Pieces(int row) => ((row - 1) / Block) + 1;

    private static void Launch<T, TTerm>(CpuDevice cpu, TTerm term, ArrayView<T> largest, int count, int row)
        where T : unmanaged, INumber<T>
        where TTerm : unmanaged, LaneSum.ITerm<T>
    {
        int blocks = Blocks(count, row);
        var body = new Body<T, TTerm> { Term = term, Largest = Pointer(largest, blocks), Row = row };
        cpu.Run(blocks, Math.Min(row, Block), body);
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
        public int Row;

        public readonly void Run(int start, int end)
        {
            int pieces = Pieces(Row);
            for (int block = start; block < end; block++)
            {
                int row = pieces == 1 ? block : block / pieces;
                int inRow = (block - (row * pieces)) * Block;
                int first = (row * Row) + inRow;
                int length = Math.Min(Block, Row - inRow);
                T most = Largest[block];
                Largest[block] = length < Vector512<T>.Count
                    ? OfFew(Term, first, first + length, most)
                    : OfRun(Term, first, first + length, most);
            }
        }

        private static T OfFew(TTerm term, int k, int end, T found)
        {
            for (; k < end; k++)
                found = Larger(found, T.Abs(term.Scalar(k)));
            return found;
        }

        private static T OfRun(TTerm term, int k, int end, T found)
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

            for (int lane = 0; lane < Vector512<T>.Count; lane++)
                found = Larger(found, lanes[lane]);
            return OfFew(term, k, end, found);
        }

        private static T Larger(T found, T magnitude) => magnitude > found || T.IsNaN(magnitude) ? magnitude : found;
    }
}
