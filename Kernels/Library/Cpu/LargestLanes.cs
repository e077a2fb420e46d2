using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MomentumCore.Kernels.Devices.Cpu;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>The largest magnitudes of rows, with vectors; <see cref="LargestOf"/> launches it.</summary>
internal static unsafe class LargestLanes
{
    // Elements of narrow rows that are taken at once.
    private const int Buffer = 512;

    /// <summary>|a − b| is that of the difference.</summary>
    public readonly struct Differences<T>(T* a, T* b) : LaneSum.ITerm<T>
        where T : unmanaged, INumber<T>
    {
        private readonly T* _a = a;
        private readonly T* _b = b;

        public Vector512<T> Vector(int k) => Vector512.Load(_a + k) - Vector512.Load(_b + k);

        public T Scalar(int k) => _a[k] - _b[k];
    }

    /// <summary>A number as large as the largest of three.</summary>
    public readonly struct Three<T>(T* a, T* b, T* c) : LaneSum.ITerm<T>
        where T : unmanaged, INumber<T>
    {
        private readonly T* _a = a;
        private readonly T* _b = b;
        private readonly T* _c = c;

        public Vector512<T> Vector(int k)
        {
            Vector512<T> a = Vector512.Abs(Vector512.Load(_a + k)), b = Vector512.Abs(Vector512.Load(_b + k));
            return LargerLanes(LargerLanes(a, b), Vector512.Abs(Vector512.Load(_c + k)));
        }

        public T Scalar(int k) => Larger(Larger(T.Abs(_a[k]), T.Abs(_b[k])), T.Abs(_c[k]));
    }

    public struct OfRows<T, TTerm> : IRangeBody
        where T : unmanaged, INumber<T>
        where TTerm : unmanaged, LaneSum.ITerm<T>
    {
        public TTerm Term;
        public T* Largest;
        public int Row;

        public readonly void Run(int start, int end)
        {
            if (Row < Vector512<T>.Count)
            {
                OfNarrowRows(start, end);
                return;
            }

            int pieces = LargestOf.Pieces(Row);
            for (int block = start; block < end; block++)
            {
                int row = pieces == 1 ? block : block / pieces;
                int inRow = (block - (row * pieces)) * LargestOf.Block;
                int first = (row * Row) + inRow;
                int length = Math.Min(LargestOf.Block, Row - inRow);
                T most = Largest[block];
                Largest[block] = OfRun(Term, first, first + length, most);
            }
        }

        /// <summary>Many rows at once: magnitudes with vectors, then the largest of each few.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void OfNarrowRows(int start, int end)
        {
            T* magnitudes = stackalloc T[Buffer];
            int rowsAtOnce = Buffer / Row;
            for (int row = start; row < end;)
            {
                int rows = Math.Min(rowsAtOnce, end - row), count = rows * Row, first = row * Row, k = 0;
                for (; k <= count - Vector512<T>.Count; k += Vector512<T>.Count)
                    Vector512.Abs(Term.Vector(first + k)).Store(magnitudes + k);
                for (; k < count; k++)
                    magnitudes[k] = T.Abs(Term.Scalar(first + k));
                for (T* magnitude = magnitudes; rows > 0; rows--, row++)
                {
                    T most = Largest[row];
                    for (T* last = magnitude + Row; magnitude < last; magnitude++)
                        most = LargerBits(most, *magnitude);
                    Largest[row] = most;
                }
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
            var lanes = Vector512<T>.Zero;
            for (; k <= end - Vector512<T>.Count; k += Vector512<T>.Count)
            {
                var magnitudes = Vector512.Abs(term.Vector(k));
                lanes = LargerLanes(lanes, magnitudes);
            }

            for (int lane = 0; lane < Vector512<T>.Count; lane++)
                found = Larger(found, lanes[lane]);
            return OfFew(term, k, end, found);
        }

    }

    /// <summary>The larger of two magnitudes; the one that is not a number, if there is one.</summary>
    public static T Larger<T>(T found, T magnitude)
        where T : INumber<T> => magnitude > found || T.IsNaN(magnitude) ? magnitude : found;

    /// <summary>Magnitudes are ordered as their bits are, and NaN is above infinity.</summary>
    public static Vector512<T> LargerLanes<T>(Vector512<T> a, Vector512<T> b) => typeof(T) == typeof(float)
        ? Vector512.Max(a.AsInt32(), b.AsInt32()).As<int, T>()
        : Vector512.Max(a.AsInt64(), b.AsInt64()).As<long, T>();

    private static T LargerBits<T>(T a, T b) => typeof(T) == typeof(float)
        ? Unsafe.BitCast<int, T>(Math.Max(Unsafe.BitCast<T, int>(a), Unsafe.BitCast<T, int>(b)))
        : Unsafe.BitCast<long, T>(Math.Max(Unsafe.BitCast<T, long>(a), Unsafe.BitCast<T, long>(b)));
}
