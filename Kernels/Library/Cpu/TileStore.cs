using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>Brings the sums of a register tile to the result: adds what is there, applies the epilogue, cuts the edges.</summary>
internal static unsafe class TileStore
{
    /// <summary>Stores rows <paramref name="skip"/> up to <paramref name="rows"/> of a tile.</summary>
    /// <param name="product">Where the result lies.</param>
    /// <param name="sums">The tile, rows <see cref="RegisterTile.Width{T}"/> apart.</param>
    /// <param name="row">The product's row that the tile's first row is.</param>
    /// <param name="column">The product's column that the tile's first lane is.</param>
    /// <param name="skip">Rows at the top that another tile stores.</param>
    /// <param name="rows">Rows of the tile.</param>
    /// <param name="columns">Lanes of the tile that exist.</param>
    /// <param name="isFirst">Whether these are the first products of each sum: nothing to add to yet.</param>
    /// <param name="isLast">Whether these are the last: the epilogue's turn.</param>
    /// <param name="epilogue">What is done with finished sums.</param>
    public static void Store<T, TEpilogue>(
        in Product<T> product,
        T* sums,
        int row,
        int column,
        int skip,
        int rows,
        int columns,
        bool isFirst,
        bool isLast,
        TEpilogue epilogue)
        where T : unmanaged
        where TEpilogue : unmanaged, IEpilogue<T>
    {
        if (product.IsExchanged)
        {
            StoreExchanged(product, sums, row, column, skip, rows, columns, isFirst, isLast, epilogue);
            return;
        }

        int width = RegisterTile.Width<T>();
        for (int r = skip; r < rows; r++)
        {
            nint at = ((row + r) * product.YRow) + column;
            for (int c = 0; c < columns; c += Vector512<T>.Count)
            {
                var run = new Run(row + r, column + c, product.Offset + at + c, columns - c);
                Finish(Vector512.Load(sums + (r * width) + c), product.Y + at + c, run, isFirst, isLast, epilogue);
            }
        }
    }

    private static void StoreExchanged<T, TEpilogue>(
        in Product<T> product,
        T* sums,
        int row,
        int column,
        int skip,
        int rows,
        int columns,
        bool isFirst,
        bool isLast,
        TEpilogue epilogue)
        where T : unmanaged
        where TEpilogue : unmanaged, IEpilogue<T>
    {
        int lanes = Vector512<T>.Count;
        int width = RegisterTile.Width<T>();
        T* run = stackalloc T[lanes];
        for (int c = 0; c < columns; c++)
        {
            nint at = ((column + c) * product.YRow) + row;
            for (int r = skip; r < rows; r += lanes)
            {
                int count = Math.Min(lanes, rows - r);
                for (int i = 0; i < count; i++)
                    run[i] = sums[((r + i) * width) + c];
                var place = new Run(column + c, row + r, product.Offset + at + r, count);
                Finish(Vector512.Load(run), product.Y + at + r, place, isFirst, isLast, epilogue);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish<T, TEpilogue>(
        Vector512<T> sums, T* target, Run run, bool isFirst, bool isLast, TEpilogue epilogue)
        where T : unmanaged
        where TEpilogue : unmanaged, IEpilogue<T>
    {
        if (!isFirst)
            sums += Lanes.Load(target, run.Count);
        if (isLast)
            sums = epilogue.Apply(sums, run.Row, run.Column, run.Offset, run.Count);
        Lanes.Store(sums, target, run.Count);
    }

    /// <summary>Neighbours in one row of the result.</summary>
    private readonly record struct Run(int Row, int Column, long Offset, int Count);
}
