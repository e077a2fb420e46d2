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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
        int lanes = Vector512<T>.Count;
        sums += skip * width;
        for (int r = row + skip; r < row + rows; r++)
        {
            nint at = (r * product.YRow) + column;
            T* target = product.Y + at;
            if (columns == 2 * lanes)
            {
                Finish(Vector512.Load(sums), target, new Run(r, column, product.Offset + at, lanes), isFirst, isLast, epilogue);
                var right = new Run(r, column + lanes, product.Offset + at + lanes, lanes);
                Finish(Vector512.Load(sums + lanes), target + lanes, right, isFirst, isLast, epilogue);
            }
            else
            {
                var left = new Run(r, column, product.Offset + at, Math.Min(lanes, columns));
                Finish(Vector512.Load(sums), target, left, isFirst, isLast, epilogue);
                if (columns > lanes)
                {
                    var right = new Run(r, column + lanes, product.Offset + at + lanes, columns - lanes);
                    Finish(Vector512.Load(sums + lanes), target + lanes, right, isFirst, isLast, epilogue);
                }
            }

            sums += width;
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
        var turned = stackalloc Vector512<T>[lanes];
        for (int c0 = 0; c0 < columns; c0 += lanes)
        {
            for (int r = skip; r < rows; r += lanes)
            {
                int count = Math.Min(lanes, rows - r);
                int end = Math.Min(lanes, columns - c0);
                Transposition.Block(sums + (r * width) + c0, width, count, end, (T*)turned, lanes, lanes);
                for (int c = 0; c < end; c++)
                {
                    nint at = ((column + c0 + c) * product.YRow) + row + r;
                    var run = new Run(column + c0 + c, row + r, product.Offset + at, count);
                    Finish(turned[c], product.Y + at, run, isFirst, isLast, epilogue);
                }
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
