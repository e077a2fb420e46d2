using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>
/// Copies the right factor into panels as wide as a register tile, so that the tile reads one straight run.
/// </summary>
/// <remarks>
/// A panel holds <see cref="RegisterTile.Width{T}"/> columns (the last one a vector where that is enough), k after k,
/// with zeros where the matrix has no more columns.
/// </remarks>
internal static unsafe class ColumnPanels
{
    /// <summary>Vectors side by side in the panel that begins at a column.</summary>
    public static int VectorsAt<T>(int column, int columns)
        where T : unmanaged =>
        columns - column > Vector512<T>.Count ? RegisterTile.Vectors : 1;

    /// <summary>Elements that the panels of some columns take for each k.</summary>
    public static int PaddedColumns<T>(int columns)
        where T : unmanaged
    {
        int width = RegisterTile.Width<T>();
        int full = columns / width * width;
        return columns == full ? full : full + (VectorsAt<T>(full, columns) * Vector512<T>.Count);
    }

    /// <summary>Fills one panel from a matrix whose element (k, c) is <c>source[k · step + c · column]</c>.</summary>
    /// <param name="source">The panel's first element.</param>
    /// <param name="step">Elements from one k to the next.</param>
    /// <param name="column">Elements from one column to the next.</param>
    /// <param name="inner">How many k.</param>
    /// <param name="count">Columns that exist.</param>
    /// <param name="width">Columns of the panel.</param>
    /// <param name="panel">The memory to fill: inner · width elements.</param>
    public static void Pack<T>(T* source, nint step, nint column, int inner, int count, int width, T* panel)
        where T : unmanaged
    {
        if (column == 1)
            PackRows(source, step, inner, count, width, panel);
        else if (step == 1)
            PackTransposed(source, column, inner, count, width, panel);
        else
            PackColumns(source, step, column, inner, count, width, panel);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackRows<T>(T* source, nint step, int inner, int count, int width, T* panel)
        where T : unmanaged
    {
        int lanes = Vector512<T>.Count;
        for (int k = 0; k < inner; k++)
        {
            for (int c = 0; c < width; c += lanes)
                Lanes.Load(source + c, Math.Clamp(count - c, 0, lanes)).Store(panel + c);
            source += step;
            panel += width;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackTransposed<T>(T* source, nint column, int inner, int count, int width, T* panel)
        where T : unmanaged
    {
        int lanes = Vector512<T>.Count;
        for (int k = 0; k < inner; k += lanes)
        {
            for (int c = 0; c < width; c += lanes)
            {
                Transposition.Block(
                    source + (c * column) + k,
                    column,
                    Math.Clamp(count - c, 0, lanes),
                    Math.Min(lanes, inner - k),
                    panel + ((long)k * width) + c,
                    width,
                    lanes);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackColumns<T>(T* source, nint step, nint column, int inner, int count, int width, T* panel)
        where T : unmanaged
    {
        // Blocks of k keep the panel's lines in the cache while the columns, far apart in memory, are walked.
        const int Block = 64;
        for (int k0 = 0; k0 < inner; k0 += Block)
        {
            int end = Math.Min(Block, inner - k0);
            for (int c = 0; c < width; c++)
            {
                T* from = source + (c * column) + (k0 * step);
                T* to = panel + ((long)k0 * width) + c;
                for (int k = 0; k < end; k++)
                {
                    *to = c < count ? *from : default;
                    from += step;
                    to += width;
                }
            }
        }
    }
}
