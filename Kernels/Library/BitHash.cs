using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>Hashes of a tensor's bits, to notice that it is not what it was.</summary>
/// <remarks>
/// The sum over all elements, modulo 2^64, of a scrambling of bits and place. It does not depend on the order of
/// addition,
/// and no change of a single element leaves it as it was, because for one place the scrambling is one to one.
/// </remarks>
public static partial class BitHash
{
    /// <summary>sums[i] = the hash of block i of <paramref name="block"/> elements of 32 bits.</summary>
    [Kernel(FloatOnly = true)]
    public static void Of32(Index1D i, ArrayView<int> bits, ArrayView<long> sums, int block, int count)
    {
        int start = i.X * block;
        int end = count - start > block ? start + block : count;
        ulong sum = 0UL;
        for (int k = start; k < end; k++)
            sum = sum + Scrambled((ulong)(uint)bits[k], k);
        sums[i] = (long)sum;
    }

    /// <summary>sums[i] = the hash of block i of <paramref name="block"/> elements of 64 bits.</summary>
    [Kernel(FloatOnly = true)]
    public static void Of64(Index1D i, ArrayView<long> bits, ArrayView<long> sums, int block, int count)
    {
        int start = i.X * block;
        int end = count - start > block ? start + block : count;
        ulong sum = 0UL;
        for (int k = start; k < end; k++)
            sum = sum + Scrambled((ulong)bits[k], k);
        sums[i] = (long)sum;
    }

    // Odd factors and xors with a right shift can each be undone. The factors are those of SplitMix64.
    private static ulong Scrambled(ulong bits, int place)
    {
        ulong z = bits + ((ulong)place * 0x9E3779B97F4A7C15UL);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
