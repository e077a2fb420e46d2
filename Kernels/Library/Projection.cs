using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>Projections of a tensor onto fixed random directions, whose differences tell how far two tensors lie apart.</summary>
/// <remarks>
/// Direction r has the coefficient a_rk at element k, uniform in [−1, 1) by a hash of both. They are the same in every
/// process and on every device. Sums are compensated (Knuth's two-sum): their error is a few units in the last place of
/// the terms' sizes, not of their number.
/// </remarks>
public static partial class Projection
{
    /// <summary>The number of directions.</summary>
    public const int Directions = 8;

    /// <summary>Sums that each block gets: one for each direction, then that of the squares.</summary>
    public const int Sums = Directions + 1;

    /// <summary>
    /// sums[b · 9 + r] = Σ a_rk x_k over block b of <paramref name="block"/> elements; sums[b · 9 + 8] = Σ x_k².
    /// </summary>
    [Kernel]
    public static void Of(Index1D i, ArrayView<float> x, ArrayView<double> sums, int block, int count)
    {
        int row = i.X % 9;
        int start = i.X / 9 * block;
        int end = count - start > block ? start + block : count;
        double sum = 0.0, lost = 0.0;
        for (int k = start; k < end; k++)
        {
            double value = x[k];
            double term = (row == 8 ? value : Coefficient(k, row)) * value;
            double next = sum + term;
            double part = next - sum;
            lost = lost + ((sum - (next - part)) + (term - part));
            sum = next;
        }

        sums[i] = sum + lost;
    }

    // SplitMix64 of element and direction: 31 bits and a sign.
    internal static double Coefficient(int k, int row)
    {
        ulong z = (((ulong)k * 8UL) + (ulong)row + 1UL) * 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return (int)(z >> 32) * 4.656612873077392578125e-10;
    }
}
