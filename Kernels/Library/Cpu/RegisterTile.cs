using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>
/// The innermost loops of every matrix product: a small tile of sums that stays in registers while k runs.
/// </summary>
/// <remarks>
/// Each sum is one chain of fused multiply-adds in the order of k, whatever the tile's size and place. That is why
/// the bits of an element never depend on which rows are computed beside it.
/// Row r of the left factor at k is <c>a[r · row + k · step]</c>; the lanes of the right factor at k begin where
/// <see cref="ILaneSteps"/> says. The sums go to <c>sums</c>, rows <see cref="Width{T}"/> elements apart.
/// </remarks>
internal static unsafe class RegisterTile
{
    /// <summary>Rows of the largest tile: 24 sums, two vectors of b and one of a fill 27 of 32 registers.</summary>
    public static int Rows => Vector512.IsHardwareAccelerated ? 12 : 4;

    /// <summary>Rows of the tile for what the largest leaves over.</summary>
    public const int FewRows = 4;

    /// <summary>The most vectors side by side in a tile. Narrow registers hold a Vector512 in two or four.</summary>
    public static int Vectors => Vector512.IsHardwareAccelerated ? 2 : 1;

    /// <summary>Elements from one row of sums to the next.</summary>
    public static int Width<T>()
        where T : unmanaged =>
        Vectors * Vector512<T>.Count;

    /// <summary>Room for the sums of any tile, in bytes, and for a vector that begins in its last lane.</summary>
    public const int SumBytes = (12 * 2 * 64) + 64;

    /// <summary>
    /// Fills a tile of <paramref name="rows"/> rows (1, 4 or <see cref="Rows"/>) and 1 or <see cref="Vectors"/>
    /// vectors.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<T>(int rows, int vectors, T* a, nint row, nint step, Lane<T> b, int inner, T* sums)
        where T : unmanaged
    {
        if (b.Offsets == null)
            Run(rows, vectors, a, row, step, b.Start, new EvenSteps(b.Step), inner, sums);
        else
            Run(rows, vectors, a, row, step, b.Start, new TableSteps(b.Offsets), inner, sums);
    }

    private static void Run<T, TSteps>(
        int rows, int vectors, T* a, nint row, nint step, T* b, TSteps bSteps, int inner, T* sums)
        where T : unmanaged
        where TSteps : unmanaged, ILaneSteps
    {
        if (vectors == 2)
        {
            if (rows == 12)
                Run12By2(a, row, step, b, bSteps, inner, sums);
            else if (rows == FewRows)
                Run4By2(a, row, step, b, bSteps, inner, sums);
            else
                Run1By2(a, step, b, bSteps, inner, sums);
        }
        else if (rows == 12)
        {
            Run12By1(a, row, step, b, bSteps, inner, sums);
        }
        else if (rows == FewRows)
        {
            Run4By1(a, row, step, b, bSteps, inner, sums);
        }
        else
        {
            Run1By1(a, step, b, bSteps, inner, sums);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run12By2<T, TSteps>(
        T* a, nint row, nint step, T* b, TSteps bSteps, int inner, T* sums)
        where T : unmanaged
        where TSteps : unmanaged, ILaneSteps
    {
        Pair<T> r0 = default, r1 = default, r2 = default, r3 = default, r4 = default, r5 = default;
        Pair<T> r6 = default, r7 = default, r8 = default, r9 = default, r10 = default, r11 = default;
        // Four pointers and two steps reach all rows with the processor's own address arithmetic.
        T* a3 = a + (3 * row), a6 = a + (6 * row), a9 = a + (9 * row);
        nint row2 = 2 * row;
        for (int k = 0; k < inner; k++)
        {
            T* lanes = b + bSteps.At(k);
            var left = Vector512.Load(lanes);
            var right = Vector512.Load(lanes + Vector512<T>.Count);
            r0.Add(*a, left, right);
            r1.Add(a[row], left, right);
            r2.Add(a[row2], left, right);
            r3.Add(*a3, left, right);
            r4.Add(a3[row], left, right);
            r5.Add(a3[row2], left, right);
            r6.Add(*a6, left, right);
            r7.Add(a6[row], left, right);
            r8.Add(a6[row2], left, right);
            r9.Add(*a9, left, right);
            r10.Add(a9[row], left, right);
            r11.Add(a9[row2], left, right);
            a += step;
            a3 += step;
            a6 += step;
            a9 += step;
        }

        int width = 2 * Vector512<T>.Count;
        r0.Store(sums);
        r1.Store(sums += width);
        r2.Store(sums += width);
        r3.Store(sums += width);
        r4.Store(sums += width);
        r5.Store(sums += width);
        r6.Store(sums += width);
        r7.Store(sums += width);
        r8.Store(sums += width);
        r9.Store(sums += width);
        r10.Store(sums += width);
        r11.Store(sums + width);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run4By2<T, TSteps>(
        T* a, nint row, nint step, T* b, TSteps bSteps, int inner, T* sums)
        where T : unmanaged
        where TSteps : unmanaged, ILaneSteps
    {
        Pair<T> r0 = default, r1 = default, r2 = default, r3 = default;
        T* a2 = a + (2 * row);
        for (int k = 0; k < inner; k++)
        {
            T* lanes = b + bSteps.At(k);
            var left = Vector512.Load(lanes);
            var right = Vector512.Load(lanes + Vector512<T>.Count);
            r0.Add(*a, left, right);
            r1.Add(a[row], left, right);
            r2.Add(*a2, left, right);
            r3.Add(a2[row], left, right);
            a += step;
            a2 += step;
        }

        int width = 2 * Vector512<T>.Count;
        r0.Store(sums);
        r1.Store(sums += width);
        r2.Store(sums += width);
        r3.Store(sums + width);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run1By2<T, TSteps>(T* a, nint step, T* b, TSteps bSteps, int inner, T* sums)
        where T : unmanaged
        where TSteps : unmanaged, ILaneSteps
    {
        Pair<T> r0 = default;
        for (int k = 0; k < inner; k++)
        {
            T* lanes = b + bSteps.At(k);
            r0.Add(*a, Vector512.Load(lanes), Vector512.Load(lanes + Vector512<T>.Count));
            a += step;
        }

        r0.Store(sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run12By1<T, TSteps>(
        T* a, nint row, nint step, T* b, TSteps bSteps, int inner, T* sums)
        where T : unmanaged
        where TSteps : unmanaged, ILaneSteps
    {
        Vector512<T> r0 = default, r1 = default, r2 = default, r3 = default, r4 = default, r5 = default;
        Vector512<T> r6 = default, r7 = default, r8 = default, r9 = default, r10 = default, r11 = default;
        T* a3 = a + (3 * row), a6 = a + (6 * row), a9 = a + (9 * row);
        nint row2 = 2 * row;
        for (int k = 0; k < inner; k++)
        {
            var lanes = Vector512.Load(b + bSteps.At(k));
            r0 = Lanes.MultiplyAdd(Vector512.Create(*a), lanes, r0);
            r1 = Lanes.MultiplyAdd(Vector512.Create(a[row]), lanes, r1);
            r2 = Lanes.MultiplyAdd(Vector512.Create(a[row2]), lanes, r2);
            r3 = Lanes.MultiplyAdd(Vector512.Create(*a3), lanes, r3);
            r4 = Lanes.MultiplyAdd(Vector512.Create(a3[row]), lanes, r4);
            r5 = Lanes.MultiplyAdd(Vector512.Create(a3[row2]), lanes, r5);
            r6 = Lanes.MultiplyAdd(Vector512.Create(*a6), lanes, r6);
            r7 = Lanes.MultiplyAdd(Vector512.Create(a6[row]), lanes, r7);
            r8 = Lanes.MultiplyAdd(Vector512.Create(a6[row2]), lanes, r8);
            r9 = Lanes.MultiplyAdd(Vector512.Create(*a9), lanes, r9);
            r10 = Lanes.MultiplyAdd(Vector512.Create(a9[row]), lanes, r10);
            r11 = Lanes.MultiplyAdd(Vector512.Create(a9[row2]), lanes, r11);
            a += step;
            a3 += step;
            a6 += step;
            a9 += step;
        }

        int width = Width<T>();
        r0.Store(sums);
        r1.Store(sums += width);
        r2.Store(sums += width);
        r3.Store(sums += width);
        r4.Store(sums += width);
        r5.Store(sums += width);
        r6.Store(sums += width);
        r7.Store(sums += width);
        r8.Store(sums += width);
        r9.Store(sums += width);
        r10.Store(sums += width);
        r11.Store(sums + width);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run4By1<T, TSteps>(
        T* a, nint row, nint step, T* b, TSteps bSteps, int inner, T* sums)
        where T : unmanaged
        where TSteps : unmanaged, ILaneSteps
    {
        Vector512<T> r0 = default, r1 = default, r2 = default, r3 = default;
        T* a2 = a + (2 * row);
        for (int k = 0; k < inner; k++)
        {
            var lanes = Vector512.Load(b + bSteps.At(k));
            r0 = Lanes.MultiplyAdd(Vector512.Create(*a), lanes, r0);
            r1 = Lanes.MultiplyAdd(Vector512.Create(a[row]), lanes, r1);
            r2 = Lanes.MultiplyAdd(Vector512.Create(*a2), lanes, r2);
            r3 = Lanes.MultiplyAdd(Vector512.Create(a2[row]), lanes, r3);
            a += step;
            a2 += step;
        }

        int width = Width<T>();
        r0.Store(sums);
        r1.Store(sums += width);
        r2.Store(sums += width);
        r3.Store(sums + width);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run1By1<T, TSteps>(T* a, nint step, T* b, TSteps bSteps, int inner, T* sums)
        where T : unmanaged
        where TSteps : unmanaged, ILaneSteps
    {
        Vector512<T> r0 = default;
        for (int k = 0; k < inner; k++)
        {
            r0 = Lanes.MultiplyAdd(Vector512.Create(*a), Vector512.Load(b + bSteps.At(k)), r0);
            a += step;
        }

        r0.Store(sums);
    }

    /// <summary>One row of a tile two vectors wide.</summary>
    private struct Pair<T>
        where T : unmanaged
    {
        private Vector512<T> _left;
        private Vector512<T> _right;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(T a, Vector512<T> left, Vector512<T> right)
        {
            var factor = Vector512.Create(a);
            _left = Lanes.MultiplyAdd(factor, left, _left);
            _right = Lanes.MultiplyAdd(factor, right, _right);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Store(T* target)
        {
            _left.Store(target);
            _right.Store(target + Vector512<T>.Count);
        }
    }
}
