using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>
/// Brings the sums of a register tile to the result: adds what is there, applies the epilogue, cuts the edges.
/// </summary>
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

        if (product.PlaneColumns == int.MaxValue)
        {
            if (columns == 2 * Vector512<T>.Count)
                StoreWhole(product, sums, row, column, skip, rows, isFirst, isLast, epilogue);
            else
                StoreRun(product, sums, row, column, column, skip, rows, columns, isFirst, isLast, epilogue);
            return;
        }

        // Runs of columns that lie side by side in the result.
        for (int c = 0; c < columns;)
        {
            int at = product.FirstColumn + column + c;
            int plane = at / product.PlanePeriod;
            int inPlane = at - (plane * product.PlanePeriod);
            int run = Math.Min(columns - c, product.PlaneColumns - inPlane);
            if (run > 0)
            {
                nint target = (plane * product.PlaneStep) + inPlane;
                StoreRun(product, sums + c, row, inPlane, target, skip, rows, run, isFirst, isLast, epilogue);
            }
            else
            {
                run = Math.Min(columns - c, product.PlanePeriod - inPlane);
            }

            c += run;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void StoreWhole<T, TEpilogue>(
        in Product<T> product,
        T* sums,
        int row,
        int column,
        int skip,
        int rows,
        bool isFirst,
        bool isLast,
        TEpilogue epilogue)
        where T : unmanaged
        where TEpilogue : unmanaged, IEpilogue<T>
    {
        int lanes = Vector512<T>.Count;
        for (int r = skip; r < rows; r++)
        {
            nint at = ((row + r) * product.YRow) + column;
            T* target = product.Y + at;
            T* source = sums + (r * 2 * lanes);
            var left = new Run(product.FirstRow + row + r, column, product.Offset + at, lanes);
            var right = new Run(product.FirstRow + row + r, column + lanes, product.Offset + at + lanes, lanes);
            Finish(Vector512.Load(source), target, left, isFirst, isLast, epilogue);
            Finish(Vector512.Load(source + lanes), target + lanes, right, isFirst, isLast, epilogue);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void StoreRun<T, TEpilogue>(
        in Product<T> product,
        T* sums,
        int row,
        int column,
        nint target,
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
        for (int r = skip; r < rows; r++)
        {
            nint at = target + ((row + r) * product.YRow);
            T* source = sums + (r * width);
            for (int c = 0; c < columns; c += lanes)
            {
                var run = new Run(
                    product.FirstRow + row + r, column + c, product.Offset + at + c, Math.Min(lanes, columns - c));
                Finish(Vector512.Load(source + c), product.Y + at + c, run, isFirst, isLast, epilogue);
            }
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
