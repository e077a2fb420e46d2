using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>
/// The weight gradient as inner products of g and padded images, for few channels in a group: the first layer of a
/// network, depthwise convolutions.
/// </summary>
internal unsafe struct PaddedWeightBody<T> : IWeightBody<T>
    where T : unmanaged
{
    private const int EnoughTasks = 8;

    /// <summary>Places at a time, between the rows of windows included.</summary>
    private const int MostColumns = 1024;

    /// <summary>Output channels of a task.</summary>
    private const int MostRows = 64;

    private readonly ConvolutionShape _shape;
    private readonly ImageWindows _windows;
    private readonly T* _x;
    private readonly T* _g;
    private readonly int _rows;
    private readonly int _bands;
    private readonly int _pairs;
    private readonly int _gridBands;
    private PaddedImage<T> _padded;
    private int* _offsets;

    public PaddedWeightBody(T* x, T* g, in ConvolutionShape shape, in ImageWindows windows)
    {
        _x = x;
        _g = g;
        _shape = shape;
        _windows = windows;
        int channels = shape.InputChannels / shape.Groups, outputs = shape.OutputChannels / shape.Groups;
        _pairs = channels * windows.Taps;
        _rows = Math.Min(outputs, MostRows);
        _bands = (outputs + _rows - 1) / _rows;
        int width = new PaddedImage<T>(windows, channels, 1).RowStep;
        int gridRows = Math.Clamp(MostColumns / width, 1, windows.GridHeight);
        _gridBands = (windows.GridHeight + gridRows - 1) / gridRows;
        _padded = new PaddedImage<T>(windows, channels, (windows.GridHeight + _gridBands - 1) / _gridBands);
        Parts = Math.Clamp(EnoughTasks / (_bands * shape.Groups), 1, shape.Images);
    }

    public int Parts { get; }

    public ScratchSlots Scratch { get; set; }

    public T* Partial { get; set; }

    public readonly int Tasks => Parts * _bands * _shape.Groups;

    public readonly long ScratchBytes => SumBytes + OutputBytes + _padded.Bytes;

    /// <summary>Memory for <see cref="Prepare"/>.</summary>
    public readonly long OffsetBytes => (_pairs + DotTile.Rows) * (long)sizeof(int);

    private readonly int RowTiles => (_rows + DotTile.Rows - 1) / DotTile.Rows;

    private readonly int PairTiles => (_pairs + DotTile.Rows - 1) / DotTile.Rows;

    private readonly long SumBytes => (long)RowTiles * PairTiles * DotTile.Sums * sizeof(Vector512<T>);

    private readonly int OutputRow => _padded.GridRows * _padded.RowStep;

    private readonly long OutputBytes => (((long)_rows * OutputRow * sizeof(T)) + 63) / 64 * 64;

    /// <summary>Makes the table that all tasks read; pairs beyond the last repeat the first.</summary>
    public void Prepare(int* offsets)
    {
        _offsets = offsets;
        _padded.MakeOffsets(offsets);
        for (int i = _pairs; i < _pairs + DotTile.Rows; i++)
            offsets[i] = offsets[0];
    }

    public readonly void Run(int start, int end)
    {
        int slot = Scratch.Claim();
        for (int task = start; task < end; task++)
            RunTask(task % Parts, task / Parts / _bands, task / Parts % _bands, Scratch.Memory(slot));
        Scratch.Release(slot);
    }

    private readonly void RunTask(int part, int group, int band, byte* memory)
    {
        int channels = _shape.InputChannels / _shape.Groups, outputs = _shape.OutputChannels / _shape.Groups;
        int inputPlane = _shape.InputHeight * _shape.InputWidth, grid = _windows.GridSize;
        int first = (group * outputs) + (band * _rows), rows = Math.Min(_rows, outputs - (band * _rows));
        var sums = (Vector512<T>*)memory;
        T* g = (T*)(memory + SumBytes);
        T* image = (T*)(memory + SumBytes + OutputBytes);
        new Span<byte>(memory, (int)SumBytes).Clear();
        int end = (int)((long)_shape.Images * (part + 1) / Parts);
        for (int n = (int)((long)_shape.Images * part / Parts); n < end; n++)
        {
            T* x = _x + ((((nint)n * _shape.InputChannels) + (group * channels)) * inputPlane);
            for (int row = 0; row < _windows.GridHeight; row += _padded.GridRows)
            {
                int gridRows = Math.Min(_padded.GridRows, _windows.GridHeight - row);
                _padded.Fill(x, row, gridRows, image);
                T* source = _g + ((((nint)n * _shape.OutputChannels) + first) * grid) + (row * _windows.GridWidth);
                CopyOutputs(source, rows, gridRows, g);
                AddProducts(g, rows, image, _padded.Columns(gridRows), sums);
            }
        }

        Finish(sums, rows, Partial + ((((nint)part * _shape.OutputChannels) + first) * _pairs));
    }

    /// <summary>Copies g with zeros where the padded image has places that are no windows.</summary>
    private readonly void CopyOutputs(T* source, int rows, int gridRows, T* target)
    {
        int width = _windows.GridWidth, grid = _windows.GridSize;
        for (int o = 0; o < rows; o++)
        {
            T* to = target + ((nint)o * OutputRow);
            for (int y = 0; y < gridRows; y++)
            {
                new ReadOnlySpan<T>(source + ((nint)o * grid) + (y * width), width).CopyTo(new Span<T>(to, width));
                new Span<T>(to + width, _padded.RowStep - width).Clear();
                to += _padded.RowStep;
            }
        }
    }

    private readonly void AddProducts(T* g, int rows, T* image, int length, Vector512<T>* sums)
    {
        for (int pair = 0; pair < PairTiles; pair++)
        {
            for (int o = 0; o < rows; o += DotTile.Rows)
            {
                int last = rows - 1 - o;
                DotTile.Run(
                    g + ((nint)o * OutputRow),
                    Math.Min(1, last) * (nint)OutputRow,
                    Math.Min(2, last) * (nint)OutputRow,
                    Math.Min(3, last) * (nint)OutputRow,
                    image,
                    _offsets + (pair * DotTile.Rows),
                    length,
                    sums + (((o / DotTile.Rows * PairTiles) + pair) * DotTile.Sums));
            }
        }
    }

    [SkipLocalsInit]
    private readonly void Finish(Vector512<T>* sums, int rows, T* target)
    {
        T* results = stackalloc T[DotTile.Sums];
        for (int o = 0; o < rows; o += DotTile.Rows)
        {
            for (int pair = 0; pair < _pairs; pair += DotTile.Rows)
            {
                DotTile.AddLanes(sums, results);
                sums += DotTile.Sums;
                for (int i = 0; i < DotTile.Sums; i++)
                {
                    int row = o + (i / DotTile.Rows), column = pair + (i % DotTile.Rows);
                    if (row < rows && column < _pairs)
                        target[((nint)row * _pairs) + column] = results[i];
                }
            }
        }
    }
}
