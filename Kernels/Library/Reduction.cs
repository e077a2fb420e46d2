using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>
/// Kernels that make one number from many. A gapless tensor is seen as [outer, length, inner]; the middle axis is cut
/// into blocks of fixed size and each block becomes one number, so y is [outer, blocks, inner]. Repeating that until
/// one
/// block is left adds along a shallow tree: in a fixed order, with a rounding error that hardly grows with the length.
/// </summary>
public static partial class Reduction
{
    /// <summary>
    /// Block sums for a small inner size: 16 lanes take every 16th row each, then fold in halves
    /// (lane k with k + 8, + 4, + 2, + 1).
    /// </summary>
    [Kernel]
    public static void SumNarrow(Index1D i, ArrayView<float> x, ArrayView<float> y, int length, int inner, int block)
    {
        int blocks = (length + block - 1) / block;
        int run = i.X / inner;
        int column = i.X - (run * inner);
        int outer = run / blocks;
        int first = (run - (outer * blocks)) * block;
        int rows = length - first < block ? length - first : block;
        long start = ((((long)outer * length) + first) * inner) + column;
        y[i] = EightLanes(x, start, rows, inner, 0) + EightLanes(x, start, rows, inner, 1);
    }

    /// <summary>Block sums for a large inner size: each column adds its rows in order.</summary>
    [Kernel]
    public static void SumWide(Index1D i, ArrayView<float> x, ArrayView<float> y, int length, int inner, int block)
    {
        int blocks = (length + block - 1) / block;
        int run = i.X / inner;
        int column = i.X - (run * inner);
        int outer = run / blocks;
        int first = (run - (outer * blocks)) * block;
        int end = length - first < block ? length : first + block;
        float sum = 0f;
        for (int row = first; row < end; row++)
            sum += x[((((long)outer * length) + row) * inner) + column];
        y[i] = sum;
    }

    /// <summary>Sums without blocks, y [outer, inner]: for integers, where order changes nothing.</summary>
    [Kernel(Integers = true)]
    public static void SumPlain(Index1D i, ArrayView<float> x, ArrayView<float> y, int length, int inner)
    {
        int outer = i.X / inner;
        long start = ((long)outer * length * inner) + (i.X - (outer * inner));
        float sum = 0f;
        for (int row = 0; row < length; row++)
            sum += x[start + ((long)row * inner)];
        y[i] = sum;
    }

    private static float Lane(ArrayView<float> x, long start, int rows, int step, int lane)
    {
        float sum = 0f;
        for (int row = lane; row < rows; row += 16)
            sum += x[start + ((long)row * step)];
        return sum;
    }

    private static float TwoLanes(ArrayView<float> x, long start, int rows, int step, int lane) =>
        Lane(x, start, rows, step, lane) + Lane(x, start, rows, step, lane + 8);

    private static float FourLanes(ArrayView<float> x, long start, int rows, int step, int lane) =>
        TwoLanes(x, start, rows, step, lane) + TwoLanes(x, start, rows, step, lane + 4);

    private static float EightLanes(ArrayView<float> x, long start, int rows, int step, int lane) =>
        FourLanes(x, start, rows, step, lane) + FourLanes(x, start, rows, step, lane + 2);
}
