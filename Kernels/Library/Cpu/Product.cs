using System.Runtime.Intrinsics;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>
/// One matrix product with its roles dealt out: which factor's rows run down the register tile, and which factor's
/// columns run along its lanes.
/// </summary>
/// <remarks>
/// y = a·b is also yᵀ = bᵀ·aᵀ. The exchange costs a transposed store and saves copying a transposed right factor, as in
/// x·Wᵀ for few rows of x. It does not change the bits: each sum is the same chain either way.
/// </remarks>
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

    /// <summary>The factor that runs along the lanes: element (k, c) is B[k · BStep + c · BColumn].</summary>
    public T* B;

    /// <summary>Elements of B from one k to the next.</summary>
    public nint BStep;

    /// <summary>Elements of B from one column to the next.</summary>
    public nint BColumn;

    /// <summary>The result: (r, c) is Y[r · YRow + c], or Y[c · YRow + r] when exchanged.</summary>
    public T* Y;

    /// <summary>Elements from one row of the result to the next.</summary>
    public nint YRow;

    /// <summary>Where Y begins in the whole result, for epilogues.</summary>
    public long Offset;

    /// <summary>Whether the tile holds yᵀ.</summary>
    public bool IsExchanged;

    /// <summary>The product of two matrices into a gapless result.</summary>
    public static Product<T> Create(T* a, MatrixLayout left, T* b, MatrixLayout right, T* y)
    {
        bool exchange = Cost(right.Columns, left.Rows, left.Columns, left.RowStep == 1, exchanged: true)
            < Cost(left.Rows, right.Columns, left.Columns, right.ColumnStep == 1, exchanged: false);
        var product = exchange
            ? new Product<T>
            {
                Rows = right.Columns,
                Columns = left.Rows,
                A = b,
                ARow = (nint)right.ColumnStep,
                AStep = (nint)right.RowStep,
                B = a,
                BStep = (nint)left.ColumnStep,
                BColumn = (nint)left.RowStep,
            }
            : new Product<T>
            {
                Rows = left.Rows,
                Columns = right.Columns,
                A = a,
                ARow = (nint)left.RowStep,
                AStep = (nint)left.ColumnStep,
                B = b,
                BStep = (nint)right.RowStep,
                BColumn = (nint)right.ColumnStep,
            };
        product.Inner = left.Columns;
        product.Y = y;
        product.YRow = right.Columns;
        product.IsExchanged = exchange;
        return product;
    }

    /// <summary>The product of pair number <paramref name="i"/> of a stack that begins with this one.</summary>
    public readonly Product<T> At(in StridedLayout batch, int i)
    {
        var product = this;
        product.A += batch.Offset(IsExchanged ? 1 : 0, i);
        product.B += batch.Offset(IsExchanged ? 0 : 1, i);
        product.Offset = batch.Offset(2, i);
        product.Y += product.Offset;
        return product;
    }

    /// <summary>About how many cycles a way to deal out the roles takes; only the comparison matters.</summary>
    private static double Cost(int rows, int columns, int inner, bool hasRuns, bool exchanged)
    {
        double vectors = (columns + Vector512<T>.Count - 1) / Vector512<T>.Count;
        // Fewer than four rows cannot hide how long one multiply-add takes.
        double sums = Math.Max(rows, RegisterTile.FewRows) * vectors * inner / 2;
        double packing = hasRuns ? vectors * inner : (double)columns * inner / 2;
        double storing = exchanged ? (double)rows * columns / 2 : rows * vectors;
        return sums + packing + storing;
    }
}
