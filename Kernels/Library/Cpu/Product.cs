namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>
/// One matrix product with its roles dealt out: the factor whose rows run down the register tile, and the result. The
/// factor that runs along the lanes is an <see cref="IColumns{T}"/> beside it.
/// </summary>
internal unsafe struct Product<T>
    where T : unmanaged
{
    /// <summary>Sums down the tile, in all.</summary>
    public int Rows;

    /// <summary>Sums along the lanes, in all.</summary>
    public int Columns;

    /// <summary>Products in each sum.</summary>
    public int Inner;

    /// <summary>The factor that runs down the tile: element (r, k) is A[r · ARow + k · AStep].</summary>
    public T* A;

    /// <summary>Elements of A from one row to the next.</summary>
    public nint ARow;

    /// <summary>Elements of A from one k to the next.</summary>
    public nint AStep;

    /// <summary>The result: (r, c) is Y[r · YRow + c], or Y[c · YRow + r] when exchanged.</summary>
    public T* Y;

    /// <summary>Elements from one row of the result to the next.</summary>
    public nint YRow;

    /// <summary>
    /// Columns that lie side by side in the result, such as those of one image; int.MaxValue for all.
    /// </summary>
    public int PlaneColumns;

    /// <summary>Columns from one such run to the next; those after <see cref="PlaneColumns"/> are not stored.</summary>
    public int PlanePeriod;

    /// <summary>Elements of the result from one such run to the next.</summary>
    public nint PlaneStep;

    /// <summary>Column 0 is this column of its plane.</summary>
    public int FirstColumn;

    /// <summary>Row 0 is this row for epilogues.</summary>
    public int FirstRow;

    /// <summary>Whether the result is added to what is there.</summary>
    public bool Accumulates;

    /// <summary>Where Y begins in the whole result, for epilogues.</summary>
    public long Offset;

    /// <summary>
    /// Whether the tile holds yᵀ = bᵀ·aᵀ. That costs a transposed store and saves copying a transposed right factor, as
    /// in x·Wᵀ for few rows of x. It does not change the bits: each sum is the same chain either way.
    /// </summary>
    public bool IsExchanged;
}
