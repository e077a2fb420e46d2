using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>
/// Kernels that find where the largest and smallest elements are, in two fixed stages: the best of each block, then
/// the
/// best of those. The first wins among equals; NaN wins over every number. x is seen as [outer, length, inner].
/// </summary>
public static partial class Extrema
{
    /// <summary>Rows of one block of the first stage.</summary>
    public const int Block = 4096;

    /// <summary>best[o, b, c] = the row of the largest element of a block of x.</summary>
    [Kernel(Integers = true)]
    public static void LargestOfBlocks(
        Index1D i, ArrayView<float> x, ArrayView<long> best, int length, int inner, int block)
    {
        int blocks = (length + block - 1) / block;
        int run = i.X / inner;
        int outer = run / blocks;
        int first = (run - (outer * blocks)) * block;
        int end = length - first < block ? length : first + block;
        long start = ((long)outer * length * inner) + (i.X - (run * inner));
        float largest = x[start + ((long)first * inner)];
        int at = first;
        for (int row = first; row < end; row++)
        {
            float value = x[start + ((long)row * inner)];
            float same = value;
            if (value > largest || value != same)
            {
                largest = value;
                at = row;
            }

            // A NaN is not equal to itself, and nothing beats it.
            if (value != same)
                break;
        }

        best[i] = at;
    }

    /// <summary>best[o, b, c] = the row of the smallest element of a block of x.</summary>
    [Kernel(Integers = true)]
    public static void SmallestOfBlocks(
        Index1D i, ArrayView<float> x, ArrayView<long> best, int length, int inner, int block)
    {
        int blocks = (length + block - 1) / block;
        int run = i.X / inner;
        int outer = run / blocks;
        int first = (run - (outer * blocks)) * block;
        int end = length - first < block ? length : first + block;
        long start = ((long)outer * length * inner) + (i.X - (run * inner));
        float smallest = x[start + ((long)first * inner)];
        int at = first;
        for (int row = first; row < end; row++)
        {
            float value = x[start + ((long)row * inner)];
            float same = value;
            if (value < smallest || value != same)
            {
                smallest = value;
                at = row;
            }

            if (value != same)
                break;
        }

        best[i] = at;
    }

    /// <summary>index[o, c] and y[o, c] = row and value of the largest of the blocks' best.</summary>
    [Kernel(Integers = true)]
    public static void LargestOfBest(
        Index1D i,
        ArrayView<float> x,
        ArrayView<long> best,
        ArrayView<long> index,
        ArrayView<float> y,
        int length,
        int inner,
        int blocks)
    {
        int outer = i.X / inner;
        int column = i.X - (outer * inner);
        long start = ((long)outer * length * inner) + column;
        long from = ((long)outer * blocks * inner) + column;
        long at = best[from];
        float largest = x[start + (at * inner)];
        for (int b = 0; b < blocks; b++)
        {
            long candidate = best[from + ((long)b * inner)];
            float value = x[start + (candidate * inner)];
            float same = value;
            if (value > largest || value != same)
            {
                largest = value;
                at = candidate;
            }

            if (value != same)
                break;
        }

        index[i] = at;
        y[i] = largest;
    }

    /// <summary>index[o, c] and y[o, c] = row and value of the smallest of the blocks' best.</summary>
    [Kernel(Integers = true)]
    public static void SmallestOfBest(
        Index1D i,
        ArrayView<float> x,
        ArrayView<long> best,
        ArrayView<long> index,
        ArrayView<float> y,
        int length,
        int inner,
        int blocks)
    {
        int outer = i.X / inner;
        int column = i.X - (outer * inner);
        long start = ((long)outer * length * inner) + column;
        long from = ((long)outer * blocks * inner) + column;
        long at = best[from];
        float smallest = x[start + (at * inner)];
        for (int b = 0; b < blocks; b++)
        {
            long candidate = best[from + ((long)b * inner)];
            float value = x[start + (candidate * inner)];
            float same = value;
            if (value < smallest || value != same)
            {
                smallest = value;
                at = candidate;
            }

            if (value != same)
                break;
        }

        index[i] = at;
        y[i] = smallest;
    }
}
