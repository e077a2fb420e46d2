using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>
/// A copy of some rows of an image with zeros around it, and with the phases of a stride apart, in which what a tap
/// sees of all windows lies at one distance from the windows: register tiles read it as it is.
/// </summary>
/// <remarks>
/// Columns count through the rows of the copy, so that between the windows of one row of the grid and those of the next
/// there are some that are no windows. They are computed and not stored.
/// </remarks>
internal unsafe struct PaddedImage<T> : IColumns<T>
    where T : unmanaged
{
    private readonly ImageWindows _windows;
    private readonly int _channels;
    private readonly int _minY;
    private readonly int _minX;
    private readonly int _phasesY;
    private readonly int _phasesX;
    private readonly int _planeRows;
    private int* _offsets;
    private T* _memory;

    /// <summary>The sizes of a copy.</summary>
    /// <param name="windows">What is read.</param>
    /// <param name="channels">Channels of a group.</param>
    /// <param name="gridRows">Rows of windows that it serves.</param>
    public PaddedImage(in ImageWindows windows, int channels, int gridRows)
    {
        _windows = windows;
        _channels = channels;
        GridRows = gridRows;
        (_minY, int maxY) = windows.Range(0);
        (_minX, int maxX) = windows.Range(1);
        _phasesY = Math.Min(windows.StepY, maxY - _minY + 1);
        _phasesX = Math.Min(windows.StepX, maxX - _minX + 1);
        _planeRows = gridRows + ((maxY - _minY) / windows.StepY);
        RowStep = windows.GridWidth + ((maxX - _minX) / windows.StepX);
    }

    /// <summary>The most rows of windows that it serves.</summary>
    public int GridRows { get; }

    /// <summary>Columns from one row of windows to the next.</summary>
    public int RowStep { get; }

    /// <summary>Memory of the copy; the last tile may read a little beyond.</summary>
    public readonly long Bytes =>
        (((long)_channels * ChannelSize) + RegisterTile.Width<T>()) * sizeof(T);

    private readonly int PlaneSize => _planeRows * RowStep;

    private readonly int ChannelSize => _phasesY * _phasesX * PlaneSize;

    /// <summary>Columns of some rows of windows, from the first window to the last.</summary>
    public readonly int Columns(int rows) => ((rows - 1) * RowStep) + _windows.GridWidth;

    /// <summary>Works out how far what each (channel, tap) sees lies from the windows.</summary>
    public void MakeOffsets(int* offsets)
    {
        _offsets = offsets;
        for (int channel = 0; channel < _channels; channel++)
        {
            for (int tap = 0; tap < _windows.Taps; tap++)
            {
                int y = _windows.Offsets[2 * tap] - _minY, x = _windows.Offsets[(2 * tap) + 1] - _minX;
                int phase = (y % _windows.StepY * _phasesX) + (x % _windows.StepX);
                int place = (y / _windows.StepY * RowStep) + (x / _windows.StepX);
                *offsets++ = (channel * ChannelSize) + (phase * PlaneSize) + place;
            }
        }
    }

    /// <summary>Fills a copy.</summary>
    /// <param name="source">The image's first channel of the group.</param>
    /// <param name="row">The first row of windows.</param>
    /// <param name="rows">Rows of windows.</param>
    /// <param name="memory"><see cref="Bytes"/> bytes.</param>
    public readonly PaddedImage<T> Fill(T* source, int row, int rows, T* memory)
    {
        var filled = this;
        filled._memory = memory;
        int planeRows = rows + _planeRows - GridRows;
        for (int channel = 0; channel < _channels; channel++)
        {
            T* plane = source + ((nint)channel * _windows.PlaneSize);
            for (int phase = 0; phase < _phasesY * _phasesX; phase++)
            {
                T* target = memory + ((nint)channel * ChannelSize) + (phase * PlaneSize);
                int y = (row * _windows.StepY) + _minY + (phase / _phasesX), x = _minX + (phase % _phasesX);
                for (int r = 0; r < planeRows; r++)
                {
                    FillRow(plane, y, x, target);
                    target += RowStep;
                    y += _windows.StepY;
                }
            }
        }

        return filled;
    }

    public readonly Lane<T> Find(int k, int column, int lanes, int count, int rows) =>
        new(_memory + column, _offsets + k);

    public readonly void Pack(int k, int inner, int column, int count, int width, T* panel)
    {
        for (int i = 0; i < inner; i++)
        {
            T* seen = _memory + column + _offsets[k + i];
            for (int lane = 0; lane < width; lane++)
                *panel++ = lane < count ? seen[lane] : default;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void FillRow(T* plane, int y, int x, T* target)
    {
        int lanes = Vector512<T>.Count;
        int step = _windows.StepX;
        bool exists = (uint)y < (uint)_windows.Height;
        // Columns first … end of the row are inside the image.
        int first = exists ? Math.Min(RowStep, x >= 0 ? 0 : (-x + step - 1) / step) : RowStep;
        int end = exists ? Math.Clamp((_windows.Width - x + step - 1) / step, first, RowStep) : RowStep;
        T* row = plane + (y * (nint)_windows.Width) + x;
        for (int i = 0; i < first; i += lanes)
            Lanes.Store(Vector512<T>.Zero, target + i, first - i);
        if (step == 1)
        {
            for (int i = first; i < end; i += lanes)
                Lanes.Store(Lanes.Load(row + i, end - i), target + i, end - i);
        }
        else
        {
            for (int i = first; i < end; i++)
                target[i] = row[i * step];
        }

        for (int i = end; i < RowStep; i += lanes)
            Lanes.Store(Vector512<T>.Zero, target + i, RowStep - i);
    }
}
