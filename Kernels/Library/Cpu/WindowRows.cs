using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>
/// Windows as the factor that runs along the lanes the other way round: row k = window, column = (tap, channel). Read
/// from a copy of the images with the channels last, so that a panel's row is a few straight runs.
/// </summary>
internal unsafe struct WindowRows<T> : IColumns<T>
    where T : unmanaged
{
    /// <summary>Windows at a time: the most products in one chain.</summary>
    public const int MostWindows = InnerBlocks.Most;

    /// <summary>Elements of a copy, 2 MiB of floats, where one image does not need more.</summary>
    private const int MostElements = 1 << 19;

    private readonly ImageWindows _windows;
    private readonly int _channels;
    private readonly int _minY;
    private readonly int _maxY;
    private int _first;
    private int _firstImage;
    private int _firstRow;
    private int _rows;
    private int _firstColumn;
    private T* _memory;

    /// <summary>Windows on images with some channels.</summary>
    public WindowRows(in ImageWindows windows, int channels)
    {
        _windows = windows;
        _channels = channels;
        (_minY, _maxY) = windows.Range(0);
    }

    /// <summary>Columns: taps times channels.</summary>
    public readonly int Columns => _windows.Taps * _channels;

    /// <summary>Elements of the copy of a run of at most <see cref="MostWindows"/> windows.</summary>
    public readonly long MemoryElements
    {
        get
        {
            long row = (long)_windows.Width * _channels;
            if (!MergesImages)
                return (((MostWindows / _windows.GridWidth) + 2) * (long)_windows.StepY + _maxY - _minY) * row;
            return ImagesAtATime * _windows.Height * row;
        }
    }

    /// <summary>How many runs all windows are cut into; it depends on the sizes alone.</summary>
    public readonly int Runs => MergesImages
        ? (_windows.Images + ImagesInRun - 1) / ImagesInRun
        : _windows.Images * RunsInImage;

    // Small images are put together, so that runs are not too short.
    private readonly bool MergesImages => _windows.GridSize <= MostWindows / 2;

    private readonly int ImagesInRun =>
        (int)Math.Clamp(
            MostElements / Math.Max(1, (long)_windows.PlaneSize * _channels), 1, MostWindows / _windows.GridSize);

    private readonly int ImagesAtATime => MergesImages ? ImagesInRun : 1;

    private readonly int RunsInImage => (_windows.GridSize + MostWindows - 1) / MostWindows;

    /// <summary>The windows of a run: the first, counted through all images, and how many.</summary>
    public readonly (int First, int Length) Run(int run)
    {
        int grid = _windows.GridSize;
        if (MergesImages)
        {
            int first = run * ImagesInRun;
            return (first * grid, Math.Min(ImagesInRun, _windows.Images - first) * grid);
        }

        int image = run / RunsInImage, part = run % RunsInImage;
        int start = (int)((long)grid * part / RunsInImage), end = (int)((long)grid * (part + 1) / RunsInImage);
        return ((image * grid) + start, end - start);
    }

    /// <summary>Copies what a run of windows sees.</summary>
    /// <param name="source">The group's first channel of the first image.</param>
    /// <param name="first">The first window.</param>
    /// <param name="length">How many windows.</param>
    /// <param name="memory"><see cref="MemoryElements"/> elements.</param>
    public readonly WindowRows<T> Fill(T* source, int first, int length, T* memory)
    {
        var filled = this;
        int grid = _windows.GridSize;
        int images = MergesImages ? length / grid : 1;
        int place = first % grid;
        int top = ((place / _windows.GridWidth) * _windows.StepY) + _minY;
        int bottom = ((MergesImages ? grid - 1 : place + length - 1) / _windows.GridWidth * _windows.StepY) + _maxY;
        filled._first = first;
        filled._firstImage = first / grid;
        filled._firstRow = Math.Clamp(top, 0, _windows.Height);
        filled._rows = Math.Clamp(bottom + 1, filled._firstRow, _windows.Height) - filled._firstRow;
        filled._memory = memory;
        int pixels = filled._rows * _windows.Width;
        for (int image = 0; image < images; image++)
        {
            T* from = source + ((filled._firstImage + image) * _windows.ImageStep) + (filled._firstRow * (nint)_windows.Width);
            PutChannelsLast(from, pixels, memory + ((nint)image * pixels * _channels));
        }

        return filled;
    }

    /// <summary>The same with other columns first.</summary>
    public readonly WindowRows<T> From(int column)
    {
        var moved = this;
        moved._firstColumn = column;
        return moved;
    }

    public readonly Lane<T> Find(int k, int column, int lanes, int count, int rows) => default;

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Pack(int k, int inner, int column, int count, int width, T* panel)
    {
        int lanes = Vector512<T>.Count;
        var pieces = stackalloc Piece[2 * Vector512<float>.Count];
        int number = FindPieces(_firstColumn + column, count, pieces);
        int window = _first + k;
        int image = window / _windows.GridSize, place = window - (image * _windows.GridSize);
        int gridY = place / _windows.GridWidth, gridX = place - (gridY * _windows.GridWidth);
        nint imageStep = (nint)_rows * _windows.Width * _channels;
        for (int i = 0; i < inner; i++)
        {
            T* plane = _memory + ((image - _firstImage) * imageStep);
            for (int lane = 0; lane < width; lane += lanes)
                Vector512<T>.Zero.Store(panel + lane);
            int top = gridY * _windows.StepY, left = gridX * _windows.StepX;
            for (int p = 0; p < number; p++)
            {
                int y = top + pieces[p].Y, x = left + pieces[p].X;
                if ((uint)y >= (uint)_windows.Height || (uint)x >= (uint)_windows.Width)
                    continue;
                T* from = plane + ((((nint)(y - _firstRow) * _windows.Width) + x) * _channels) + pieces[p].Channel;
                T* to = panel + pieces[p].Lane;
                for (int c = 0; c < pieces[p].Length; c += lanes)
                    Lanes.Store(Lanes.Load(from + c, pieces[p].Length - c), to + c, pieces[p].Length - c);
            }

            panel += width;
            if (++gridX == _windows.GridWidth)
            {
                gridX = 0;
                if (++gridY == _windows.GridHeight)
                {
                    gridY = 0;
                    image++;
                }
            }
        }
    }

    private readonly int FindPieces(int column, int count, Piece* pieces)
    {
        int number = 0;
        for (int lane = 0; lane < count;)
        {
            int tap = (column + lane) / _channels, channel = column + lane - (tap * _channels);
            int length = Math.Min(count - lane, _channels - channel);
            pieces[number++] = new Piece
            {
                Lane = lane,
                Length = length,
                Channel = channel,
                Y = _windows.Offsets[2 * tap],
                X = _windows.Offsets[(2 * tap) + 1],
            };
            lane += length;
        }

        return number;
    }

    private readonly void PutChannelsLast(T* source, int pixels, T* target)
    {
        int lanes = Vector512<T>.Count;
        for (int pixel = 0; pixel < pixels; pixel += lanes)
        {
            for (int channel = 0; channel < _channels; channel += lanes)
            {
                int rows = Math.Min(lanes, _channels - channel);
                Transposition.Block(
                    source + ((nint)channel * _windows.PlaneSize) + pixel,
                    _windows.PlaneSize,
                    rows,
                    Math.Min(lanes, pixels - pixel),
                    target + ((nint)pixel * _channels) + channel,
                    _channels,
                    rows);
            }
        }
    }

    /// <summary>Channels side by side that one tap sees.</summary>
    private struct Piece
    {
        public int Lane;
        public int Length;
        public int Channel;
        public int Y;
        public int X;
    }
}
