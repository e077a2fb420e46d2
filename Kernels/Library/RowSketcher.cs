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
    // Work items that add up rows; blocks of about so many elements on the CPU.
    private const int Items = 64;
    private const int Block = 16 * RowSketch.Piece;

    /// <summary>How many rows there are; the last one may be shorter.</summary>
    /// <param name="count">The number of elements.</param>
    /// <param name="row">Elements of a row.</param>
    public static int Rows(int count, int row) => (int)(((long)count + row - 1) / row);

    /// <summary>How many numbers <see cref="Launch{T}"/> gives: the three sums in several parts.</summary>
    /// <param name="device">Where the elements lie.</param>
    /// <param name="count">The number of elements.</param>
    /// <param name="row">Elements of a row.</param>
    public static int Totals(Device device, int count, int row)
    {
        int rows = Rows(count, row);
        int blocks = (rows + RowsOfBlock(row) - 1) / RowsOfBlock(row);
        return RowSketch.Sums * (device is CpuDevice ? blocks : Math.Min(rows, Items));
    }

    /// <summary>How many numbers <see cref="Launch{T}"/> needs to work with.</summary>
    /// <param name="device">Where the elements lie.</param>
    /// <param name="count">The number of elements.</param>
    /// <param name="row">Elements of a row.</param>
    public static int Scratch(Device device, int count, int row) =>
        device is CpuDevice ? 0 : RowSketch.Sums * Rows(count, row) * Pieces(row);

    /// <summary>totals[0, 3, …] are to be added up to the first sum, totals[1, 4, …] to the second, totals[2, 5, …] to the third.</summary>
    /// <param name="device">Where the views are.</param>
    /// <param name="x">The elements, all of them.</param>
    /// <param name="scratch">As long as <see cref="Scratch"/> says.</param>
    /// <param name="totals">As long as <see cref="Totals"/> says.</param>
    /// <param name="row">Elements of a row, 1 or more.</param>
    /// <param name="window">How many elements of each <see cref="RowSketch.Piece"/> are looked at.</param>
    /// <typeparam name="T">float or double.</typeparam>
    public static void Launch<T>(
        Device device, ArrayView<T> x, ArrayView<double> scratch, ArrayView<double> totals, int row, int window)
        where T : unmanaged
    {
        int count = x.IntLength, rows = Rows(count, row), pieces = Pieces(row);
        if (device is CpuDevice cpu)
        {
            OnCpu(cpu, x, totals, row, window);
            return;
        }

        if (typeof(T) == typeof(float))
            RowSketch.OfPieces(device, rows * pieces, x.Cast<float>(), scratch, row, RowSketch.Piece, window, count);
        else
            RowSketch.OfPieces(device, rows * pieces, x.Cast<double>(), scratch, row, RowSketch.Piece, window, count);
        int items = totals.IntLength / RowSketch.Sums;
        RowSketch.OfRows(device, items, scratch, totals, pieces, rows, items);
    }

    private static int Pieces(int row) => ((row - 1) / RowSketch.Piece) + 1;

    private static int RowsOfBlock(int row) => Math.Max(1, Block / row);

    private static void OnCpu<T>(CpuDevice cpu, ArrayView<T> x, ArrayView<double> totals, int row, int window)
        where T : unmanaged
    {
        int rows = RowsOfBlock(row);
        if (typeof(T) == typeof(float))
        {
            var lanes = new RowSketchLanes<float>
            {
                X = x.Cast<float>().Pointer, Totals = totals.Pointer, Count = x.IntLength, Row = row, Rows = rows, Window = window,
            };
            cpu.Run(totals.IntLength / RowSketch.Sums, (long)rows * row, lanes);
        }
        else
        {
            var lanes = new RowSketchLanes<double>
            {
                X = x.Cast<double>().Pointer, Totals = totals.Pointer, Count = x.IntLength, Row = row, Rows = rows, Window = window,
            };
            cpu.Run(totals.IntLength / RowSketch.Sums, (long)rows * row, lanes);
        }
    }
}
