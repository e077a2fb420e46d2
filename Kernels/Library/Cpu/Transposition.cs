using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>
/// Turns small blocks of a matrix around inside the registers, which is far faster than element by element.
/// </summary>
internal static unsafe class Transposition
{
    /// <summary>
    /// <c>target[c · targetRow + r] = source[r · sourceRow + c]</c> for at most a vector of rows and of columns, and
    /// zeros for the rows from <paramref name="rows"/> up to <paramref name="paddedRows"/>.
    /// </summary>
    public static void Block<T>(
        T* source, nint sourceRow, int rows, int columns, T* target, nint targetRow, int paddedRows)
        where T : unmanaged
    {
        if (Avx512F.IsSupported)
        {
            InRegisters(source, sourceRow, rows, columns, target, targetRow, paddedRows);
            return;
        }

        for (int c = 0; c < columns; c++)
        {
            for (int r = 0; r < paddedRows; r++)
                target[(c * targetRow) + r] = r < rows ? source[(r * sourceRow) + c] : default;
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void InRegisters<T>(
        T* source, nint sourceRow, int rows, int columns, T* target, nint targetRow, int paddedRows)
        where T : unmanaged
    {
        int lanes = Vector512<T>.Count;
        var block = stackalloc Vector512<T>[lanes];
        for (int r = 0; r < lanes; r++)
            block[r] = r < rows ? Lanes.Load(source + (r * sourceRow), columns) : default;

        // Exchange the off-diagonal halves of ever larger squares: 1×1 in 2×2, 2×2 in 4×4, …
        for (int half = 1; half < lanes; half *= 2)
        {
            for (int first = 0; first < lanes; first += 2 * half)
            {
                for (int r = first; r < first + half; r++)
                {
                    var upper = block[r];
                    var lower = block[r + half];
                    block[r] = Merge(upper, lower, half, isUpper: true);
                    block[r + half] = Merge(upper, lower, half, isUpper: false);
                }
            }
        }

        for (int c = 0; c < columns; c++)
            Lanes.Store(block[c], target + (c * targetRow), paddedRows);
    }

    /// <summary>A row of the square after the exchange: its own half, and the other row's half beside it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> Merge<T>(Vector512<T> upper, Vector512<T> lower, int half, bool isUpper)
        where T : unmanaged
    {
        // Lane l of the upper row stays where bit `half` of l is clear; elsewhere the lower row's lane l − half comes
        // in.
        if (typeof(T) == typeof(float))
        {
            var lane = Vector512<int>.Indices;
            var stays = Vector512.Equals(lane & Vector512.Create(half), Vector512<int>.Zero);
            var own = isUpper ? lane : lane + Vector512.Create(16);
            var other = (lane ^ Vector512.Create(half)) + Vector512.Create(isUpper ? 16 : 0);
            var index = Vector512.ConditionalSelect(isUpper ? stays : ~stays, own, other);
            return Avx512F.PermuteVar16x32x2(upper.AsSingle(), index, lower.AsSingle()).As<float, T>();
        }
        else
        {
            var lane = Vector512<long>.Indices;
            var stays = Vector512.Equals(lane & Vector512.Create((long)half), Vector512<long>.Zero);
            var own = isUpper ? lane : lane + Vector512.Create(8L);
            var other = (lane ^ Vector512.Create((long)half)) + Vector512.Create(isUpper ? 8L : 0L);
            var index = Vector512.ConditionalSelect(isUpper ? stays : ~stays, own, other);
            return Avx512F.PermuteVar8x64x2(upper.AsDouble(), index, lower.AsDouble()).As<double, T>();
        }
    }
}
