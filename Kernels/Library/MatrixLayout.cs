namespace MomentumCore.Kernels.Library;

/// <summary>Where the elements of a matrix lie: its sizes and the steps from one row or column to the next.</summary>
/// <param name="Rows">The number of rows.</param>
/// <param name="Columns">The number of columns.</param>
/// <param name="RowStep">Elements from one row to the next; 0 repeats one row.</param>
/// <param name="ColumnStep">Elements from one column to the next; 0 repeats one column.</param>
public readonly record struct MatrixLayout(int Rows, int Columns, long RowStep, long ColumnStep)
{
    /// <summary>The same elements with rows and columns exchanged; nothing moves.</summary>
    public MatrixLayout Transposed => new(Columns, Rows, ColumnStep, RowStep);

    /// <summary>A matrix whose rows follow each other without gaps.</summary>
    public static MatrixLayout Gapless(int rows, int columns) => new(rows, columns, columns, 1);
}
