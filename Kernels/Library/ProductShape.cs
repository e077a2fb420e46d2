namespace MomentumCore.Kernels.Library;

/// <summary>All sizes and steps of a stack of matrix products, as plain numbers that a kernel can take.</summary>
public struct ProductShape
{
    /// <summary>The tiles that the results are made in.</summary>
    public TileShape Tile;

    /// <summary>Rows of the left factor and of the result.</summary>
    public int Rows;

    /// <summary>Columns of the right factor and of the result.</summary>
    public int Columns;

    /// <summary>Columns of the left factor and rows of the right one.</summary>
    public int Inner;

    /// <summary>1 where a bias is added to each row of the result, else 0.</summary>
    public int HasBias;

    /// <summary>Elements from one row of the left factor to the next.</summary>
    public long LeftRow;

    /// <summary>Elements from one column of the left factor to the next.</summary>
    public long LeftColumn;

    /// <summary>Elements from one row of the right factor to the next.</summary>
    public long RightRow;

    /// <summary>Elements from one column of the right factor to the next.</summary>
    public long RightColumn;

    /// <summary>Elements from one left factor of the stack to the next.</summary>
    public long LeftStep;

    /// <summary>Elements from one right factor of the stack to the next.</summary>
    public long RightStep;

    /// <summary>Elements from one result of the stack to the next.</summary>
    public long ResultStep;
}
