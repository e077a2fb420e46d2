using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary><see cref="BitHash"/> of a run of elements, with vectors.</summary>
internal static unsafe class BitHashLanes
{
    // As in BitHash.Scrambled.
    private const ulong PlaceFactor = 0x9E3779B97F4A7C15UL;

    /// <summary>The hash of elements <paramref name="from"/> … <paramref name="to"/> − 1, of 32 or 64 bits.</summary>
    public static ulong Of<T>(T* elements, int from, int to)
        where T : unmanaged =>
        sizeof(T) == sizeof(uint)
            ? Narrow((uint*)elements, from, to)
            : Wide((ulong*)elements, from, to);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ulong Narrow(uint* bits, int from, int to)
    {
        var low = Places(from);
        var high = low + Vector512.Create(unchecked(8 * PlaceFactor));
        var step = Vector512.Create(unchecked(16 * PlaceFactor));
        var sum = Vector512<ulong>.Zero;
        var other = Vector512<ulong>.Zero;
        int k = from;
        for (; k <= to - 16; k += 16)
        {
            var (first, second) = Vector512.Widen(Vector512.Load(bits + k));
            sum += Scrambled(first + low);
            other += Scrambled(second + high);
            low += step;
            high += step;
        }

        ulong total = Vector512.Sum(sum + other);
        for (; k < to; k++)
            total = unchecked(total + BitHash.Scrambled(bits[k], k));
        return total;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ulong Wide(ulong* bits, int from, int to)
    {
        var places = Places(from);
        var step = Vector512.Create(unchecked(8 * PlaceFactor));
        var sum = Vector512<ulong>.Zero;
        int k = from;
        for (; k <= to - 8; k += 8)
        {
            sum += Scrambled(Vector512.Load(bits + k) + places);
            places += step;
        }

        ulong total = Vector512.Sum(sum);
        for (; k < to; k++)
            total = unchecked(total + BitHash.Scrambled(bits[k], k));
        return total;
    }

    /// <summary>What the place adds, for eight elements.</summary>
    private static Vector512<ulong> Places(int from) =>
        (Vector512<ulong>.Indices + Vector512.Create((ulong)from)) * PlaceFactor;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Scrambled(Vector512<ulong> z)
    {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >>> 31);
    }
}
