using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>
/// Kernels that move elements to and from places that an index names. Tensors are seen as [outer, axis, inner]. The
/// indices were checked by the caller, if need be with <c>CheckRange</c>: kernels trust them.
/// </summary>
public static partial class Indexing
{
    /// <summary>Columns that one item of AddRows takes: a few cache lines.</summary>
    public const int ColumnGroup = 64;

    /// <summary>
    /// y[o, j, c] = x[o, index[o, j, c], c]; one item is one element of y. size: of x along the axis.
    /// </summary>
    [Kernel(Integers = true)]
    public static void Gather(
        Index1D i, ArrayView<float> x, ArrayView<long> index, ArrayView<float> y, int size, int taken, int inner)
    {
        int outer = i.X / (taken * inner);
        int column = i.X % inner;
        y[i] = x[((((long)outer * size) + index[i]) * inner) + column];
    }

    /// <summary>
    /// y[o, index[o, j, c], c] += x[o, j, c]; one item is one column (o, c), which adds its x in order, so that no two
    /// items write the same element.
    /// </summary>
    [Kernel(Integers = true)]
    public static void ScatterAdd(
        Index1D i, ArrayView<float> x, ArrayView<long> index, ArrayView<float> y, int size, int taken, int inner)
    {
        int outer = i.X / inner;
        int column = i.X - (outer * inner);
        for (int j = 0; j < taken; j++)
        {
            long from = ((((long)outer * taken) + j) * inner) + column;
            long to = ((((long)outer * size) + index[from]) * inner) + column;
            y[to] = y[to] + x[from];
        }
    }

    /// <summary>y[o, j, :] = x[o, index[j], :]; one item is one run (o, j).</summary>
    [Kernel(Integers = true)]
    public static void SelectRows(
        Index1D i, ArrayView<float> x, ArrayView<long> index, ArrayView<float> y, int size, int taken, int inner)
    {
        int outer = i.X / taken;
        int j = i.X - (outer * taken);
        long from = (((long)outer * size) + index[j]) * inner;
        long to = (long)i.X * inner;
        for (int column = 0; column < inner; column++)
            y[to + column] = x[from + column];
    }

    /// <summary>
    /// y[o, index[j], c] += x[o, j, c]; one item is a group of neighbouring columns of one o, which adds its x in
    /// order
    /// of j, so that no two items write the same element. Items: outer · groups of <see cref="ColumnGroup"/>.
    /// </summary>
    [Kernel(Integers = true)]
    public static void AddRows(
        Index1D i, ArrayView<float> x, ArrayView<long> index, ArrayView<float> y, int size, int taken, int inner)
    {
        int groups = (inner + ColumnGroup - 1) / ColumnGroup;
        int outer = i.X / groups;
        int first = (i.X - (outer * groups)) * ColumnGroup;
        int end = first + ColumnGroup < inner ? first + ColumnGroup : inner;
        for (int j = 0; j < taken; j++)
        {
            long from = (((long)outer * taken) + j) * inner;
            long to = (((long)outer * size) + index[j]) * inner;
            for (int column = first; column < end; column++)
                y[to + column] = y[to + column] + x[from + column];
        }
    }

    /// <summary>
    /// safe = index where it is in 0 … size − 1 or the one that is ignored, else 0; bad[i] says whether block i of
    /// <paramref name="block"/> indices has one that is neither.
    /// </summary>
    [Kernel]
    public static void CheckRange(
        Index1D i, ArrayView<long> index, ArrayView<long> safe, ArrayView<int> bad, int block, int count, long size,
        long ignored)
    {
        int found = 0;
        int start = i.X * block;
        int end = count - start > block ? start + block : count;
        for (int k = start; k < end; k++)
        {
            long value = index[k];
            bool isGood = (value >= 0 && value < size) || value == ignored;
            if (!isGood)
                found = 1;
            safe[k] = isGood ? value : 0L;
        }

        bad[i] = found;
    }

    /// <summary>y[i, index[i]] = 1; y [items, classes] holds zeros.</summary>
    [Kernel(Integers = true)]
    public static void OneHot(Index1D i, ArrayView<long> index, ArrayView<float> y, int classes) =>
        y[((long)i.X * classes) + index[i]] = 1f;

    /// <summary>
    /// y = x on and below (lower = 1) or on and above (lower = 0) a diagonal of [.., rows, columns], else 0. One item
    /// is
    /// one row.
    /// </summary>
    [Kernel(Integers = true)]
    public static void Triangle(
        Index1D i, ArrayView<float> x, ArrayView<float> y, int rows, int columns, int diagonal, int lower)
    {
        long start = (long)i.X * columns;
        int onDiagonal = (i.X % rows) + diagonal;
        for (int column = 0; column < columns; column++)
        {
            bool keep = lower != 0 ? column <= onDiagonal : column >= onDiagonal;
            y[start + column] = keep ? x[start + column] : 0f;
        }
    }

    /// <summary>
    /// y[o, k, c] = Σ x[o, 0 … k, c], or from k to the end where reverse = 1; one item is one column (o, c).
    /// </summary>
    [Kernel(Integers = true)]
    public static void CumSum(Index1D i, ArrayView<float> x, ArrayView<float> y, int length, int inner, int reverse)
    {
        int outer = i.X / inner;
        long start = ((long)outer * length * inner) + (i.X - (outer * inner));
        float sum = 0f;
        for (int k = 0; k < length; k++)
        {
            long at = start + ((long)(reverse != 0 ? length - 1 - k : k) * inner);
            sum += x[at];
            y[at] = sum;
        }
    }
}
