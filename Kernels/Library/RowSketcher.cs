using System.Numerics;
using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Kernels.Dialect;
using MomentumCore.Kernels.Library.Cpu;

namespace MomentumCore.Kernels.Library;

/// <summary>
/// Launches <see cref="RowSketch"/>: the CPU runs a hand-written vector twin of the kernels, which adds in another order.
/// </summary>
public static unsafe class RowSketcher
{
    /// <summary>totals[0, 4, …] are to be added up to the first sum, totals[1, 5, …] to the second, and so on.</summary>
    /// <param name="device">Where the views are.</param>
    /// <param name="x">The elements, all of them.</param>
    /// <param name="scratch">As long as <see cref="SketchedRows.Scratch"/> says.</param>
    /// <param name="totals">As long as <see cref="SketchedRows.Totals"/> says.</param>
    /// <param name="rows">What is looked at.</param>
    /// <typeparam name="T">float or double.</typeparam>
    public static void Launch<T>(
        Device device, ArrayView<T> x, ArrayView<double> scratch, ArrayView<double> totals, SketchedRows rows)
        where T : unmanaged
    {
        if (device is CpuDevice cpu)
        {
            if (typeof(T) == typeof(float))
                OnCpu(cpu, x.Cast<float>(), totals, rows);
            else
                OnCpu(cpu, x.Cast<double>(), totals, rows);
            return;
        }

        int windows = rows.Taken * rows.Pieces;
        if (typeof(T) == typeof(float))
        {
            RowSketch.OfPieces(
                device, windows, x.Cast<float>(), scratch, rows.Row, RowSketch.Piece, rows.Window, rows.Count, rows.Taken, rows.Turn);
        }
        else
        {
            RowSketch.OfPieces(
                device, windows, x.Cast<double>(), scratch, rows.Row, RowSketch.Piece, rows.Window, rows.Count, rows.Taken, rows.Turn);
        }

        int items = totals.IntLength / RowSketch.Sums;
        RowSketch.OfRows(device, items, scratch, totals, rows.Pieces, rows.Taken, items, rows.Turn);
    }

    private static void OnCpu<T>(CpuDevice cpu, ArrayView<T> x, ArrayView<double> totals, SketchedRows rows)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var lanes = new RowSketchLanes<T>
        {
            X = x.Pointer, Totals = totals.Pointer, Count = rows.Count, Row = rows.Row, Rows = rows.RowsOfBlock,
            Window = rows.Window, Taken = rows.Taken, Turn = rows.Turn,
        };
        cpu.Run(totals.IntLength / RowSketch.Sums, (long)rows.RowsOfBlock * rows.Pieces * Math.Min(rows.Row, rows.Window), lanes);
    }
}
