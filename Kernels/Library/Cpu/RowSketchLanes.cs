using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MomentumCore.Kernels.Devices.Cpu;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary><see cref="RowSketch"/> of blocks of rows, with vectors.</summary>
internal unsafe struct RowSketchLanes<T> : IRangeBody
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public T* X;
    public double* Totals;
    public int Count;
    public int Row;
    public int Window;
    public int Taken;
    public int Turn;

    // Of those that are taken, in a block.
    public int Rows;

    // Pinned, so that its address holds: first the coefficients of one direction, then those of the other.
    private static readonly T[] Coefficients = MakeCoefficients();

    // Squares of a single float and their sums leave its range long before the float does.
    private static readonly T Least = typeof(T) == typeof(float) ? T.CreateChecked(1e-30f) : T.Zero;
    private static readonly T Most = T.CreateChecked(typeof(T) == typeof(float) ? 1e36 : double.MaxValue);

    public readonly void Run(int start, int end)
    {
        T* coefficients = (T*)Unsafe.AsPointer(ref Coefficients[0]);
        int pieces = ((Row - 1) / RowSketch.Piece) + 1;
        int rows = (int)(((long)Count + Row - 1) / Row);
        for (int block = start; block < end; block++)
        {
            double first = 0, second = 0, norms = 0, all = 0;
            int last = Math.Min(Taken - (block * Rows), Rows) + (block * Rows);
            for (int number = block * Rows; number < last; number++)
            {
                int row = RowSketch.RowAt(number, rows, Taken, Turn);
                int from = row * Row, to = Math.Min(Count - from, Row) + from;
                double one = 0, other = 0, squares = 0;
                for (int piece = row * pieces; from < to; piece++)
                {
                    int length = Math.Min(to - from, RowSketch.Piece);
                    int skipped = length > Window ? RowSketch.Place(piece, length, Window, Turn) : 0;
                    AddPiece(
                        X + from + skipped, coefficients, Math.Min(length, Window), RowSketch.Sign(piece), ref one, ref other,
                        ref squares);
                    from += length;
                }

                if (squares == 0)
                    continue;
                double share = 1 / Math.Sqrt(squares), lost = squares - squares;
                first += (one * share) + lost;
                second += (other * share) + lost;
                double size = (0.5 * Math.Log(squares)) + lost;
                norms += RowSketch.Weight(number, Turn) * size;
                all += size;
            }

            double* totals = Totals + (RowSketch.Sums * block);
            (totals[0], totals[1], totals[2], totals[3]) = (first, second, norms, all);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddPiece(
        T* x, T* coefficients, int length, double sign, ref double one, ref double other, ref double squares)
    {
        T* a = coefficients, b = coefficients + RowSketch.Piece;
        T first = T.Zero, second = T.Zero, square = T.Zero;
        int k = 0;
        if (length >= Vector512<T>.Count)
        {
            Vector512<T> firsts = default, seconds = default, all = default;
            Vector512<T> moreFirsts = default, moreSeconds = default, more = default;
            for (; k <= length - (2 * Vector512<T>.Count); k += 2 * Vector512<T>.Count)
            {
                Vector512<T> near = Vector512.Load(x + k), far = Vector512.Load(x + k + Vector512<T>.Count);
                firsts = Sum(near, Vector512.Load(a + k), firsts);
                seconds = Sum(near, Vector512.Load(b + k), seconds);
                all = Sum(near, near, all);
                moreFirsts = Sum(far, Vector512.Load(a + k + Vector512<T>.Count), moreFirsts);
                moreSeconds = Sum(far, Vector512.Load(b + k + Vector512<T>.Count), moreSeconds);
                more = Sum(far, far, more);
            }

            if (k <= length - Vector512<T>.Count)
            {
                var near = Vector512.Load(x + k);
                firsts = Sum(near, Vector512.Load(a + k), firsts);
                seconds = Sum(near, Vector512.Load(b + k), seconds);
                all = Sum(near, near, all);
                k += Vector512<T>.Count;
            }

            first = Vector512.Sum(firsts + moreFirsts);
            second = Vector512.Sum(seconds + moreSeconds);
            square = Vector512.Sum(all + more);
        }

        for (; k < length; k++)
        {
            first += x[k] * a[k];
            second += x[k] * b[k];
            square += x[k] * x[k];
        }

        if (square >= Least && square <= Most)
        {
            one += sign * double.CreateTruncating(first);
            other += sign * double.CreateTruncating(second);
            squares += double.CreateTruncating(square);
        }
        else
        {
            AddWide(x, coefficients, length, sign, ref one, ref other, ref squares);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddWide(
        T* x, T* coefficients, int length, double sign, ref double one, ref double other, ref double squares)
    {
        for (int k = 0; k < length; k++)
        {
            double value = double.CreateTruncating(x[k]);
            one += sign * value * double.CreateTruncating(coefficients[k]);
            other += sign * value * double.CreateTruncating(coefficients[RowSketch.Piece + k]);
            squares += value * value;
        }
    }

    private static Vector512<T> Sum(Vector512<T> left, Vector512<T> right, Vector512<T> sum) => typeof(T) == typeof(float)
        ? Vector512.FusedMultiplyAdd(left.AsSingle(), right.AsSingle(), sum.AsSingle()).As<float, T>()
        : Vector512.FusedMultiplyAdd(left.AsDouble(), right.AsDouble(), sum.AsDouble()).As<double, T>();

    private static T[] MakeCoefficients()
    {
        var made = GC.AllocateUninitializedArray<T>(2 * RowSketch.Piece, pinned: true);
        for (int place = 0; place < made.Length; place++)
            made[place] = T.CreateChecked(Projection.Coefficient(place % RowSketch.Piece, place / RowSketch.Piece));
        return made;
    }
}
