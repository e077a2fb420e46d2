using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Cpu;

namespace MomentumCore.Kernels.Library;

/// <summary>Which part of a tensor a <see cref="RowSketch"/> looks at.</summary>
/// <param name="Count">The number of elements of the tensor.</param>
/// <param name="Row">Elements of a row, 1 or more; the last row may be shorter.</param>
/// <param name="Window">How many elements of each <see cref="RowSketch.Piece"/> of a row are looked at.</param>
/// <param name="Taken">How many rows are looked at, at most all.</param>
/// <param name="Turn">Rows and windows of another turn lie at other places.</param>
public readonly record struct SketchedRows(int Count, int Row, int Window, int Taken, int Turn)
{
    // Work items that add up rows; blocks of about so many elements on the CPU.
    private const int Items = 64;
    private const int Block = 16 * RowSketch.Piece;

    /// <summary>All rows.</summary>
    /// <param name="count">The number of elements.</param>
    /// <param name="row">Elements of a row.</param>
    /// <param name="window">How many elements of each <see cref="RowSketch.Piece"/> are looked at.</param>
    /// <param name="turn">Where the windows lie.</param>
    public static SketchedRows All(int count, int row, int window = RowSketch.Piece, int turn = 0) =>
        new(count, row, window, (int)(((long)count + row - 1) / row), turn);

    internal int Pieces => ((Row - 1) / RowSketch.Piece) + 1;

    /// <summary>Rows that the CPU takes together.</summary>
    internal int RowsOfBlock => Math.Max(1, Block / Row);

    /// <summary>How many numbers <see cref="RowSketcher.Launch{T}"/> gives: the four sums in several parts.</summary>
    /// <param name="device">Where the elements lie.</param>
    public int Totals(Device device) =>
        RowSketch.Sums * (device is CpuDevice ? (Taken + RowsOfBlock - 1) / RowsOfBlock : Math.Min(Taken, Items));

    /// <summary>How many numbers <see cref="RowSketcher.Launch{T}"/> needs to work with.</summary>
    /// <param name="device">Where the elements lie.</param>
    public int Scratch(Device device) => device is CpuDevice ? 0 : RowSketch.PieceSums * Taken * Pieces;
}
