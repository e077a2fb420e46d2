using System.Numerics;
using System.Runtime.Intrinsics;
using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>
/// Launches block sums: the CPU runs hand-written vector twins of <see cref="Reduction"/>'s kernels, to the bit the
/// same.
/// </summary>
public static unsafe class BlockSum
{
    /// <summary>
    /// From this inner size on, columns are added side by side; below it, rows are spread over lanes.
    /// </summary>
    public const int WideFrom = 16;

    private const int Lanes = 16;
    private const int NarrowBlock = 1024;
    private const int WideBlock = 64;

    /// <summary>Rows of one block, which depends on the inner size alone.</summary>
    public static int BlockRows(int inner) => inner < WideFrom ? NarrowBlock : WideBlock;

    /// <summary>y [outer, blocks, inner] = the sums of each block of x [outer, length, inner].</summary>
    /// <typeparam name="T">float or double.</typeparam>
    public static void Launch<T>(Device device, ArrayView<T> x, ArrayView<T> y, int outer, int length, int inner)
        where T : unmanaged, INumber<T>
    {
        ArgumentNullException.ThrowIfNull(device);
        int block = BlockRows(inner);
        int blocks = (length + block - 1) / block;
        int runs = checked(outer * blocks);
        if (x.Length < (long)outer * length * inner || y.Length < (long)runs * inner)
        {
            throw new ArgumentException(
                $"BlockSum: views of {x.Length} and {y.Length} elements do not hold [{outer}, {length}, {inner}] " +
                $"and its {blocks} blocks.");
        }

        if (device is CpuDevice cpu)
        {
            int rows = Math.Min(block, length);
            if (inner < WideFrom)
                cpu.Run(runs, (long)rows * inner, new Narrow<T> { X = x, Y = y, Length = length, Inner = inner });
            else
                cpu.Run(runs * inner, rows, new Wide<T> { X = x, Y = y, Length = length, Inner = inner });
        }
        else if (typeof(T) == typeof(float))
        {
            Dispatch(device, runs * inner, x.Cast<float>(), y.Cast<float>(), length, inner, block);
        }
        else
        {
            Dispatch(device, runs * inner, x.Cast<double>(), y.Cast<double>(), length, inner, block);
        }
    }

    private static void Dispatch(
        Device device, int count, ArrayView<float> x, ArrayView<float> y, int length, int inner, int block)
    {
        if (inner < WideFrom)
            Reduction.SumNarrow(device, count, x, y, length, inner, block);
        else
            Reduction.SumWide(device, count, x, y, length, inner, block);
    }

    private static void Dispatch(
        Device device, int count, ArrayView<double> x, ArrayView<double> y, int length, int inner, int block)
    {
        if (inner < WideFrom)
            Reduction.SumNarrow(device, count, x, y, length, inner, block);
        else
            Reduction.SumWide(device, count, x, y, length, inner, block);
    }

    /// <summary>
    /// One index is one block with all its columns: 16 rows at a time are one run of 16 · inner lanes.
    /// </summary>
    private struct Narrow<T> : IRangeBody
        where T : unmanaged, INumber<T>
    {
        public ArrayView<T> X;
        public ArrayView<T> Y;
        public int Length;
        public int Inner;

        public readonly void Run(int start, int end)
        {
            T* lanes = stackalloc T[Lanes * WideFrom];
            int blocks = (Length + NarrowBlock - 1) / NarrowBlock;
            for (int run = start; run < end; run++)
            {
                int outer = run / blocks;
                int first = (run - (outer * blocks)) * NarrowBlock;
                T* x = X.Pointer + ((((long)outer * Length) + first) * Inner);
                int rows = Math.Min(NarrowBlock, Length - first);
                if (rows <= Lanes)
                    CopyRows(x, rows * Inner, lanes);
                else if (Inner == 1)
                    AddRun(x, rows, lanes);
                else
                    AddRows(x, rows * Inner, lanes, Lanes * Inner);
                Fold(lanes, Math.Min(rows, Lanes) * Inner);

                for (int column = 0; column < Inner; column++)
                    Y.Pointer[((long)run * Inner) + column] = lanes[column];
            }
        }

        /// <summary>Folds the lanes in halves; those from <paramref name="filled"/> on would only add zeros.</summary>
        private readonly void Fold(T* lanes, int filled)
        {
            for (int half = Lanes / 2 * Inner; half >= Inner; half /= 2)
            {
                int end = Math.Min(half, filled - half);
                for (int k = 0; k < end; k++)
                    lanes[k] += lanes[k + half];
            }
        }

        /// <summary>At most one row for each lane. Adding to zero turns −0 into 0, as longer runs do.</summary>
        private static void CopyRows(T* x, int count, T* lanes)
        {
            for (int k = 0; k < count; k++)
                lanes[k] = T.Zero + x[k];
        }

        private static void AddRun(T* x, int count, T* lanes)
        {
            var low = Vector512<T>.Zero;
            var high = Vector512<T>.Zero;
            int k = 0;
            for (; k <= count - Lanes; k += Lanes)
            {
                low += Vector512.Load(x + k);
                if (Vector512<T>.Count < Lanes)
                    high += Vector512.Load(x + k + Vector512<T>.Count);
            }

            low.Store(lanes);
            if (Vector512<T>.Count < Lanes)
                high.Store(lanes + Vector512<T>.Count);
            for (; k < count; k++, lanes++)
                *lanes += x[k];
        }

        private static void AddRows(T* x, int count, T* lanes, int width)
        {
            new Span<T>(lanes, width).Clear();
            int k = 0;
            for (; k <= count - width; k += width)
            {
                for (int j = 0; j < width; j += Vector512<T>.Count)
                    (Vector512.Load(lanes + j) + Vector512.Load(x + k + j)).Store(lanes + j);
            }

            for (; k < count; k++, lanes++)
                *lanes += x[k];
        }
    }

    /// <summary>One index is one column of one block; neighbours go side by side through the vector lanes.</summary>
    private struct Wide<T> : IRangeBody
        where T : unmanaged, INumber<T>
    {
        public ArrayView<T> X;
        public ArrayView<T> Y;
        public int Length;
        public int Inner;

        public readonly void Run(int start, int end)
        {
            int blocks = (Length + WideBlock - 1) / WideBlock;
            while (start < end)
            {
                int run = start / Inner;
                int column = start - (run * Inner);
                int columns = Math.Min(Inner - column, end - start);
                int outer = run / blocks;
                int first = (run - (outer * blocks)) * WideBlock;
                int rows = Math.Min(WideBlock, Length - first);
                AddColumns(
                    X.Pointer + ((((long)outer * Length) + first) * Inner) + column,
                    Y.Pointer + ((long)run * Inner) + column, rows, columns, Inner);
                start += columns;
            }
        }

        private static void AddColumns(T* x, T* y, int rows, int columns, int step)
        {
            int width = Vector512<T>.Count;
            for (; columns >= 4 * width; columns -= 4 * width, x += 4 * width, y += 4 * width)
            {
                var a = Vector512<T>.Zero;
                var b = Vector512<T>.Zero;
                var c = Vector512<T>.Zero;
                var d = Vector512<T>.Zero;
                T* row = x;
                for (int r = 0; r < rows; r++, row += step)
                {
                    a += Vector512.Load(row);
                    b += Vector512.Load(row + width);
                    c += Vector512.Load(row + (2 * width));
                    d += Vector512.Load(row + (3 * width));
                }

                a.Store(y);
                b.Store(y + width);
                c.Store(y + (2 * width));
                d.Store(y + (3 * width));
            }

            for (; columns >= width; columns -= width, x += width, y += width)
            {
                var sum = Vector512<T>.Zero;
                T* row = x;
                for (int r = 0; r < rows; r++, row += step)
                    sum += Vector512.Load(row);
                sum.Store(y);
            }

            for (; columns > 0; columns--, x++, y++)
            {
                T sum = T.Zero;
                T* row = x;
                for (int r = 0; r < rows; r++, row += step)
                    sum += *row;
                *y = sum;
            }
        }
    }
}
