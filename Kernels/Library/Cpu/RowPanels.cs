using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>
/// Copies the left factor into panels as tall as a register tile, so that the tile reads one straight run.
/// </summary>
/// <remarks>
/// A panel holds <see cref="RegisterTile.Rows"/> rows, k after k, with zeros where the matrix has no more rows.
/// </remarks>
internal static unsafe class RowPanels
{
    /// <summary>Rows that the panels of some rows take.</summary>
    public static int PaddedRows(int rows) => (rows + RegisterTile.Rows - 1) / RegisterTile.Rows * RegisterTile.Rows;

    /// <summary>Fills one panel from a matrix whose element (r, k) is <c>source[r · row + k · step]</c>.</summary>
    /// <param name="source">The panel's first element.</param>
    /// <param name="row">Elements from one row to the next.</param>
    /// <param name="step">Elements from one k to the next.</param>
    /// <param name="inner">How many k.</param>
    /// <param name="count">Rows that exist.</param>
    /// <param name="panel">The memory to fill: inner · rows of a tile elements.</param>
    public static void Pack<T>(T* source, nint row, nint step, int inner, int count, T* panel)
        where T : unmanaged
    {
        if (row == 1)
            PackRuns(source, step, inner, count, panel);
        else if (step == 1)
            PackTransposed(source, row, inner, count, panel);
        else
            PackAny(source, row, step, inner, count, panel);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackRuns<T>(T* source, nint step, int inner, int count, T* panel)
        where T : unmanaged
    {
        int rows = RegisterTile.Rows;
        int lanes = Vector512<T>.Count;
        for (int k = 0; k < inner; k++)
        {
            for (int r = 0; r < rows; r += lanes)
                Lanes.Store(Lanes.Load(source + r, Math.Max(0, count - r)), panel + r, rows - r);
            source += step;
            panel += rows;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackTransposed<T>(T* source, nint row, int inner, int count, T* panel)
        where T : unmanaged
    {
        int rows = RegisterTile.Rows;
        int lanes = Vector512<T>.Count;
        for (int k = 0; k < inner; k += lanes)
        {
            for (int r = 0; r < rows; r += lanes)
            {
                Transposition.Block(
                    source + (r * row) + k,
                    row,
                    Math.Clamp(count - r, 0, lanes),
                    Math.Min(lanes, inner - k),
                    panel + (k * rows) + r,
                    rows,
                    Math.Min(lanes, rows - r));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackAny<T>(T* source, nint row, nint step, int inner, int count, T* panel)
        where T : unmanaged
    {
        int rows = RegisterTile.Rows;
        for (int k = 0; k < inner; k++)
        {
            for (int r = 0; r < rows; r++)
                panel[r] = r < count ? source[r * row] : default;
            source += step;
            panel += rows;
        }
    }
}
