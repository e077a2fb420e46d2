using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>
/// Matrix products: the plain kernel that every device runs, one work item for each element of the result.
/// </summary>
/// <remarks>The CPU has a faster twin, chosen in <see cref="MatrixProduct"/>; a test holds the two together.</remarks>
public static partial class MatMul
{
    /// <summary>y[r, c] = Σₖ a[r, k] · b[k, c], with i = r · columns + c. Both operands may have any steps.</summary>
    /// <param name="i">The element of the result.</param>
    /// <param name="a">The left matrix [rows, inner].</param>
    /// <param name="b">The right matrix [inner, columns].</param>
    /// <param name="y">The result [rows, columns], gapless.</param>
    /// <param name="columns">Columns of the result.</param>
    /// <param name="inner">Columns of a and rows of b.</param>
    /// <param name="aRow">Elements from one row of a to the next.</param>
    /// <param name="aColumn">Elements from one column of a to the next.</param>
    /// <param name="bRow">Elements from one row of b to the next.</param>
    /// <param name="bColumn">Elements from one column of b to the next.</param>
    [Kernel]
    public static void Multiply(
        Index1D i,
        ArrayView<float> a,
        ArrayView<float> b,
        ArrayView<float> y,
        int columns,
        int inner,
        long aRow,
        long aColumn,
        long bRow,
        long bColumn)
    {
        int row = i.X / columns;
        int column = i.X - row * columns;
        float sum = 0f;
        for (int k = 0; k < inner; k++)
            sum += a[row * aRow + k * aColumn] * b[k * bRow + column * bColumn];
        y[i] = sum;
    }

    /// <summary>y[r, c] += bias[c], with i = r · columns + c.</summary>
    /// <param name="i">The element of the result.</param>
    /// <param name="bias">One number for each column.</param>
    /// <param name="y">The result [rows, columns], gapless.</param>
    /// <param name="columns">Columns of the result.</param>
    [Kernel]
    public static void AddBias(Index1D i, ArrayView<float> bias, ArrayView<float> y, int columns) =>
        y[i] = y[i] + bias[i.X % columns];
}
