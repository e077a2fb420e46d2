using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>
/// Images as the factor that runs along the lanes: row k = (channel, tap), column = window, counted through all images.
/// The matrix is never in memory; panels of it are packed straight from the images.
/// </summary>
/// <param name="start">The first channel of the first image.</param>
/// <param name="windows">The windows.</param>
/// <param name="firstColumn">The window that is column 0.</param>
internal readonly unsafe struct ImageColumns<T>(T* start, ImageWindows windows, int firstColumn) : IColumns<T>
    where T : unmanaged
{
    /// <summary>The most columns that one panel may have.</summary>
    public const int MaxWidth = 512;

    private readonly T* _start = start;
    private readonly ImageWindows _windows = windows;

    public Lane<T> Find(int k, int column, int lanes, int count, int rows)
    {
        int window = firstColumn + column;
        int image = window / _windows.GridSize, place = window - (image * _windows.GridSize);
        // One tap on its own place, all in one image: channel after channel the plane itself.
        bool direct = rows <= StridedColumns<T>.FewRows && _windows.IsFlat && count >= lanes
            && place + lanes <= _windows.GridSize;
        nint step = _windows.PlaneSize;
        return direct ? new Lane<T>(_start + (image * _windows.ImageStep) + (k * step) + place, step) : default;
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Pack(int k, int inner, int column, int count, int width, T* panel)
    {
        var runs = stackalloc Run[MaxWidth];
        int length = FindRuns(firstColumn + column, count, runs);
        int channel = k / _windows.Taps, tap = k - (channel * _windows.Taps);
        T* plane = _start + ((nint)channel * _windows.PlaneSize);
        for (int i = 0; i < inner; i++)
        {
            int dy = _windows.Offsets[2 * tap], dx = _windows.Offsets[(2 * tap) + 1];
            for (int lane = 0; lane < width; lane += Vector512<T>.Count)
                Vector512<T>.Zero.Store(panel + lane);
            for (int r = 0; r < length; r++)
                CopyRun(plane, runs[r], dy, dx, panel);
            panel += width;
            if (++tap == _windows.Taps)
            {
                tap = 0;
                plane += _windows.PlaneSize;
            }
        }
    }

    /// <summary>Cuts columns into runs of windows in one row of the grid.</summary>
    private int FindRuns(int window, int count, Run* runs)
    {
        int image = window / _windows.GridSize;
        int place = window - (image * _windows.GridSize);
        int y = place / _windows.GridWidth, x = place - (y * _windows.GridWidth);
        int number = 0;
        for (int lane = 0; lane < count;)
        {
            int length = Math.Min(count - lane, _windows.GridWidth - x);
            runs[number++] = new Run
            {
                Lane = lane,
                Length = length,
                Image = image * _windows.ImageStep,
                Y = y * _windows.StepY,
                X = x * _windows.StepX,
            };
            lane += length;
            x = 0;
            if (++y == _windows.GridHeight)
            {
                y = 0;
                image++;
            }
        }

        return number;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void CopyRun(T* plane, in Run run, int dy, int dx, T* panel)
    {
        int y = run.Y + dy, x = run.X + dx;
        if ((uint)y >= (uint)_windows.Height)
            return;
        T* row = plane + run.Image + (y * (nint)_windows.Width);
        T* target = panel + run.Lane;
        if (_windows.StepX == 1)
        {
            // From the first lane inside the image to the last.
            int first = Math.Max(0, -x), end = Math.Min(run.Length, _windows.Width - x);
            for (int lane = first; lane < end; lane += Vector512<T>.Count)
                Lanes.Store(Lanes.Load(row + x + lane, end - lane), target + lane, end - lane);
            return;
        }

        for (int lane = 0; lane < run.Length; lane++)
        {
            if ((uint)x < (uint)_windows.Width)
                target[lane] = row[x];
            x += _windows.StepX;
        }
    }

    /// <summary>Windows side by side in one row of the grid.</summary>
    private struct Run
    {
        public nint Image;
        public int Lane;
        public int Length;
        public int Y;
        public int X;
    }
}
