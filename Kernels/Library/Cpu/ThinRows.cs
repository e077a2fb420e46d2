using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>
/// The thinnest products, from one or two numbers a row to one or two, with a row in each lane: neighbours are taken
/// apart on the way in and put side by side on the way out. The bits are those of one row after the other.
/// </summary>
internal static unsafe class ThinRows
{
    private const int Most = 2;

    /// <summary>Whether rows of that kind are done here.</summary>
    public static bool Fits<T, TEpilogue>(in MatrixLayout left, in MatrixLayout right)
        where T : unmanaged
        where TEpilogue : unmanaged, IEpilogue<T> =>
        Avx512F.IsSupported
        && (typeof(TEpilogue) == typeof(NoEpilogue<T>) || typeof(TEpilogue) == typeof(ColumnBias<T>))
        && left.Columns <= Most
        && right.Columns <= Most
        && left.RowStep == left.Columns
        && (left.ColumnStep == 1 || left.Columns == 1);

    /// <summary>As many rows of y = x·w + b as fill vectors; returns how many those are.</summary>
    /// <param name="x">The rows, gapless.</param>
    /// <param name="inner">Numbers of each, 1 or 2.</param>
    /// <param name="weights">The inner numbers of each column of w.</param>
    /// <param name="y">The results, gapless.</param>
    /// <param name="columns">Numbers of each, 1 or 2.</param>
    /// <param name="rows">How many rows there are.</param>
    /// <param name="epilogue">Nothing, or what is added to each column.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Run<T, TEpilogue>(
        T* x, int inner, T* weights, T* y, int columns, int rows, TEpilogue epilogue)
        where T : unmanaged
        where TEpilogue : unmanaged, IEpilogue<T>
    {
        int lanes = Vector512<T>.Count;
        // Adding −0 changes nothing, so this is what the epilogue adds.
        T nothing = typeof(T) == typeof(float) ? (T)(object)-0f : (T)(object)-0.0;
        var first = new Column<T>(weights, inner, epilogue.Apply(nothing, 0, 0, 0));
        var second = columns == 1 ? first : new Column<T>(weights + inner, inner, epilogue.Apply(nothing, 0, 1, 0));
        int row = 0;
        for (; row <= rows - lanes; row += lanes)
        {
            var even = Vector512.Load(x);
            var odd = Vector512<T>.Zero;
            if (inner == 2)
                Apart(even, Vector512.Load(x + lanes), out even, out odd);
            var result = first.Of(even, odd, inner);
            if (columns == 2)
            {
                Together(result, second.Of(even, odd, inner), out result, out var above);
                above.Store(y + lanes);
            }

            result.Store(y);
            x += inner * lanes;
            y += columns * lanes;
        }

        return row;
    }

    /// <summary>The elements at even and at odd places of two neighbouring vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Apart<T>(Vector512<T> low, Vector512<T> high, out Vector512<T> even, out Vector512<T> odd)
        where T : unmanaged
    {
        var (narrow, wide) = (Vector512<int>.Indices * 2, Vector512<long>.Indices * 2);
        even = Pick(low, high, narrow, wide);
        odd = Pick(low, high, narrow + Vector512<int>.One, wide + Vector512<long>.One);
    }

    /// <summary>The other way round.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Together<T>(Vector512<T> even, Vector512<T> odd, out Vector512<T> low, out Vector512<T> high)
        where T : unmanaged
    {
        // 0, n, 1, n + 1, …
        var narrow = (Vector512<int>.Indices >>> 1) + ((Vector512<int>.Indices & Vector512<int>.One) << 4);
        var wide = (Vector512<long>.Indices >>> 1) + ((Vector512<long>.Indices & Vector512<long>.One) << 3);
        low = Pick(even, odd, narrow, wide);
        high = Pick(even, odd, narrow + Vector512.Create(8), wide + Vector512.Create(4L));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> Pick<T>(Vector512<T> a, Vector512<T> b, Vector512<int> narrow, Vector512<long> wide)
        where T : unmanaged =>
        typeof(T) == typeof(float)
            ? Avx512F.PermuteVar16x32x2(a.AsSingle(), narrow, b.AsSingle()).As<float, T>()
            : Avx512F.PermuteVar8x64x2(a.AsDouble(), wide, b.AsDouble()).As<double, T>();

    /// <summary>What makes one column of the result.</summary>
    private readonly struct Column<T>(T* weights, int inner, T bias)
        where T : unmanaged
    {
        private readonly Vector512<T> _first = Vector512.Create(weights[0]);
        private readonly Vector512<T> _second = inner == 2 ? Vector512.Create(weights[1]) : default;
        private readonly Vector512<T> _bias = Vector512.Create(bias);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector512<T> Of(Vector512<T> even, Vector512<T> odd, int inner)
        {
            var sum = Lanes.MultiplyAdd(even, _first, default);
            if (inner == 2)
                sum = Lanes.MultiplyAdd(odd, _second, sum);
            return sum + _bias;
        }
    }
}
