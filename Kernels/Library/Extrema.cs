using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>
/// Kernels that find where the largest or smallest elements are, in two fixed stages: the best of each block, then the
/// best of those. The first wins among equals; NaN wins over every number. x is seen as [outer, length, inner].
/// </summary>
public static partial class Extrema
{
    /// <summary>Rows of one block of the first stage.</summary>
    public const int Block = 4096;

    /// <summary>best[o, b, c] = the row of the largest (or smallest) element of a block of x.</summary>
    [Kernel(Integers = true)]
    public static void BestOfBlocks(
        Index1D i, ArrayView<float> x, ArrayView<long> best, int length, int inner, int block, bool largest)
    {
        int blocks = (length + block - 1) / block;
        int run = i.X / inner;
        int outer = run / blocks;
        int first = (run - (outer * blocks)) * block;
        int end = length - first < block ? length : first + block;
        long start = ((long)outer * length * inner) + (i.X - (run * inner));
        float extreme = x[start + ((long)first * inner)];
        int at = first;
        for (int row = first; row < end; row++)
        {
            float value = x[start + ((long)row * inner)];
            float same = value;
            if ((largest ? value > extreme : value < extreme) || value != same)
            {
                extreme = value;
                at = row;
            }

            // A NaN is not equal to itself, and nothing beats it.
            if (value != same)
                break;
        }

        best[i] = at;
    }

    /// <summary>index[o, c] and y[o, c] = row and value of the largest (or smallest) of the blocks' best.</summary>
    [Kernel(Integers = true)]
    public static void BestOfBest(
        Index1D i,
        ArrayView<float> x,
        ArrayView<long> best,
        ArrayView<long> index,
        ArrayView<float> y,
        int length,
        int inner,
        int blocks,
        bool largest)
    {
        int outer = i.X / inner;
        int column = i.X - (outer * inner);
        long start = ((long)outer * length * inner) + column;
        long from = ((long)outer * blocks * inner) + column;
        long at = best[from];
        float extreme = x[start + (at * inner)];
        for (int b = 0; b < blocks; b++)
        {
            long candidate = best[from + ((long)b * inner)];
            float value = x[start + (candidate * inner)];
            float same = value;
            if ((largest ? value > extreme : value < extreme) || value != same)
            {
                extreme = value;
                at = candidate;
            }

            if (value != same)
                break;
        }

        index[i] = at;
        y[i] = extreme;
    }
}
