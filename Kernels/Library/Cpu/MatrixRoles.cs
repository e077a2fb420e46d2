using System.Runtime.Intrinsics;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>Decides which factor of y = a·b runs down the register tile and which along its lanes.</summary>
internal readonly unsafe struct MatrixRoles<T>
    where T : unmanaged
{
    private readonly Product<T> _product;
    private readonly StridedColumns<T> _columns;

    /// <summary>The product of the first pair of a stack, into a gapless result.</summary>
    public MatrixRoles(T* a, MatrixLayout left, T* b, MatrixLayout right, T* y)
    {
        bool exchange = Cost(right.Columns, left.Rows, left.Columns, left.RowStep == 1, exchanged: true)
            < Cost(left.Rows, right.Columns, left.Columns, right.ColumnStep == 1, exchanged: false);
        _product = new Product<T>
        {
            Rows = exchange ? right.Columns : left.Rows,
            Columns = exchange ? left.Rows : right.Columns,
            Inner = left.Columns,
            A = exchange ? b : a,
            ARow = (nint)(exchange ? right.ColumnStep : left.RowStep),
            AStep = (nint)(exchange ? right.RowStep : left.ColumnStep),
            Y = y,
            YRow = right.Columns,
            PlaneColumns = int.MaxValue,
            IsExchanged = exchange,
        };
        _columns = exchange
            ? new StridedColumns<T>(a, (nint)left.ColumnStep, (nint)left.RowStep)
            : new StridedColumns<T>(b, (nint)right.RowStep, (nint)right.ColumnStep);
    }

    /// <summary>The product of the first pair.</summary>
    public Product<T> Product => _product;

    /// <summary>Pair number <paramref name="i"/> of the stack.</summary>
    public Product<T> At(in StridedLayout batch, int i, out StridedColumns<T> columns)
    {
        var product = _product;
        product.A += batch.Offset(product.IsExchanged ? 1 : 0, i);
        product.Offset = batch.Offset(2, i);
        product.Y += product.Offset;
        columns = _columns.At(batch.Offset(product.IsExchanged ? 0 : 1, i));
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
