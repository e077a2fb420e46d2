using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>Low bits of whole numbers to planes of one bit for each element and back, with vectors.</summary>
/// <remarks>The twins of <c>MomentumGrid.Pack</c>, <c>Shift</c> and <c>Unpack</c>. Runs begin at a whole word.</remarks>
internal static unsafe class LowBits
{
    private const int WordBits = 32;

    /// <summary>planes ← the low bits of w, unless there are no planes; w ← w &gt;&gt; bits, except where x is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SetAside<TReal, TWhole>(TReal* x, TWhole* w, int* planes, int words, int bits, int from, int to)
        where TReal : unmanaged, IFloatingPointIeee754<TReal>
        where TWhole : unmanaged, IBinaryInteger<TWhole>
    {
        int lanes = Vector512<TWhole>.Count;
        int k = from;
        for (; k <= to - WordBits; k += WordBits)
        {
            for (int b = 0; planes != null && b < bits; b++)
            {
                int up = (sizeof(TWhole) * 8) - 1 - b;
                uint word = 0;
                for (int j = 0; j < WordBits; j += lanes)
                    word |= (uint)(Vector512.Load(w + k + j) << up).ExtractMostSignificantBits() << j;
                planes[(b * words) + (k / WordBits)] = (int)word;
            }

            for (int j = k; j < k + WordBits; j += lanes)
            {
                var whole = Vector512.Load(w + j);
                var isLost = Vector512.IsNaN(Vector512.Load(x + j)).As<TReal, TWhole>();
                Vector512.ConditionalSelect(isLost, whole, whole >> bits).Store(w + j);
            }
        }

        if (k == to)
            return;
        for (int b = 0; planes != null && b < bits; b++)
        {
            uint word = 0;
            for (int j = k; j < to; j++)
                word |= uint.CreateTruncating((w[j] >> b) & TWhole.One) << (j - k);
            planes[(b * words) + (k / WordBits)] = (int)word;
        }

        for (; k < to; k++)
            w[k] = TReal.IsNaN(x[k]) ? w[k] : w[k] >> bits;
    }

    /// <summary>w ← (w &lt;&lt; bits) | the bits of the planes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void BringBack<TWhole>(TWhole* w, int* planes, int words, int bits, int from, int to)
        where TWhole : unmanaged, IBinaryInteger<TWhole>
    {
        int lanes = Vector512<TWhole>.Count;
        var places = Places<TWhole>();
        int k = from;
        for (; k <= to - lanes; k += lanes)
        {
            int* plane = planes + (k / WordBits) + ((long)(bits - 1) * words);
            var low = Vector512<TWhole>.Zero;
            for (int b = bits; b > 0; b--, plane -= words)
            {
                var word = Vector512.Create(TWhole.CreateTruncating((uint)*plane >> (k % WordBits)));
                // A lane whose bit is set compares as all ones, which is −1.
                low = (low << 1) - Vector512.Equals(word & places, places);
            }

            ((Vector512.Load(w + k) << bits) | low).Store(w + k);
        }

        for (; k < to; k++)
        {
            var low = TWhole.Zero;
            for (int b = bits - 1; b >= 0; b--)
            {
                int bit = (planes[(b * words) + (k / WordBits)] >> (k % WordBits)) & 1;
                low = (low << 1) | TWhole.CreateTruncating(bit);
            }

            w[k] = (w[k] << bits) | low;
        }
    }

    /// <summary>1, 2, 4, …: the bit of each lane.</summary>
    private static Vector512<TWhole> Places<TWhole>()
        where TWhole : unmanaged, IBinaryInteger<TWhole>
    {
        TWhole* places = stackalloc TWhole[Vector512<TWhole>.Count];
        for (int lane = 0; lane < Vector512<TWhole>.Count; lane++)
            places[lane] = TWhole.One << lane;
        return Vector512.Load(places);
    }
}
