using System.Runtime.Intrinsics;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>One share of a convolution's weight gradient: some output channels, some (channel, tap) pairs, some images.</summary>
internal readonly unsafe struct WeightTask<T>
    where T : unmanaged
{
    /// <summary>Pairs of input channel and tap in a task: what they see of 512 windows stays in the second cache.</summary>
    public const int Panel = 32;

    /// <summary>Output channels in a task.</summary>
    public const int Band = 128;

    /// <summary>Windows at a time.</summary>
    private const int MaxRun = 512;

    /// <summary>Images with fewer windows are put together, so that runs are not too short.</summary>
    private const int FewWindows = 256;

    private readonly ConvolutionShape _shape;
    private readonly ImageWindows _windows;
    private readonly T* _x;
    private readonly T* _g;

    public WeightTask(T* x, T* g, in ConvolutionShape shape, in ImageWindows windows)
    {
        _shape = shape;
        _windows = windows;
        _x = x;
        _g = g;
    }

    /// <summary>Working memory: sums, what the taps see, and g where images are put together.</summary>
    public static long ScratchBytes => (Panel * Band * 64L) + ((Panel + Band) * (long)MaxRun * sizeof(T));

    /// <summary>Elements of all weights.</summary>
    public int WeightCount => _shape.WeightCount;

    private int Inner => _shape.InputChannels / _shape.Groups * _windows.Taps;

    private int Outputs => _shape.OutputChannels / _shape.Groups;

    /// <summary>Computes a share of dw.</summary>
    public void Run(int group, int panel, int band, int part, int parts, T* dw, byte* memory)
    {
        int firstPair = panel * Panel, pairs = Math.Min(Panel, Inner - firstPair);
        int firstOutput = band * Band, outputs = Math.Min(Band, Outputs - firstOutput);
        var sums = (Vector512<T>*)memory;
        new Span<byte>(memory, Panel * Band * 64).Clear();
        int inGroup = _shape.InputChannels / _shape.Groups;
        var seen = new ImageColumns<T>(_x + ((nint)group * inGroup * _windows.PlaneSize), _windows, 0);
        T* g = _g + ((((nint)group * Outputs) + firstOutput) * _windows.GridSize);
        int grid = _windows.GridSize;
        int window = (int)((long)_shape.Images * part / parts) * grid;
        int end = (int)((long)_shape.Images * (part + 1) / parts) * grid;
        while (window < end)
        {
            // Runs end where an image does, unless images are small.
            int limit = grid < FewWindows ? end : ((window / grid) + 1) * grid;
            int length = Math.Min(MaxRun, limit - window);
            RunWindows(seen, g, window, length, firstPair, pairs, outputs, sums);
            window += length;
        }

        T* results = stackalloc T[DotTile.Sums];
        for (int o = 0; o < outputs; o += DotTile.Rows)
        {
            for (int pair = 0; pair < pairs; pair += DotTile.Rows)
            {
                DotTile.AddLanes(sums + SumsAt(o, pair), results);
                for (int i = 0; i < DotTile.Sums; i++)
                {
                    int row = o + (i / DotTile.Rows), column = pair + (i % DotTile.Rows);
                    if (row < outputs && column < pairs)
                        dw[((((nint)group * Outputs) + firstOutput + row) * Inner) + firstPair + column] = results[i];
                }
            }
        }
    }

    private static int SumsAt(int output, int pair) =>
        ((output / DotTile.Rows * (Panel / DotTile.Rows)) + (pair / DotTile.Rows)) * DotTile.Sums;

    private void RunWindows(
        in ImageColumns<T> seen, T* g, int window, int length, int firstPair, int pairs, int outputs, Vector512<T>* sums)
    {
        int lanes = Vector512<T>.Count;
        int width = (length + lanes - 1) / lanes * lanes;
        T* panel = (T*)(sums + (Panel * Band * 64 / sizeof(Vector512<T>)));
        seen.Pack(firstPair, pairs, window, length, width, panel);
        int padded = (pairs + DotTile.Rows - 1) / DotTile.Rows * DotTile.Rows;
        new Span<T>(panel + ((nint)pairs * width), (padded - pairs) * width).Clear();

        T* rows = FindOutputs(g, window, length, outputs, panel + ((nint)Panel * MaxRun), out nint row);
        for (int pair = 0; pair < pairs; pair += DotTile.Rows)
        {
            for (int o = 0; o < outputs; o += DotTile.Rows)
            {
                int last = outputs - 1 - o;
                DotTile.Run(
                    rows + (o * row),
                    Math.Min(1, last) * row,
                    Math.Min(2, last) * row,
                    Math.Min(3, last) * row,
                    panel + ((nint)pair * width),
                    width,
                    length,
                    sums + SumsAt(o, pair));
            }
        }
    }

    /// <summary>The rows of g over some windows: in place when they are of one image, else copied together.</summary>
    private T* FindOutputs(T* g, int window, int length, int outputs, T* memory, out nint row)
    {
        int grid = _windows.GridSize;
        nint imageStep = (nint)_shape.OutputChannels * grid;
        int image = window / grid, place = window - (image * grid);
        if (place + length <= grid)
        {
            row = grid;
            return g + (image * imageStep) + place;
        }

        row = MaxRun;
        for (int at = 0; at < length;)
        {
            int run = Math.Min(length - at, grid - place);
            for (int o = 0; o < outputs; o++)
            {
                var from = new ReadOnlySpan<T>(g + (image * imageStep) + ((nint)o * grid) + place, run);
                from.CopyTo(new Span<T>(memory + (o * row) + at, run));
            }

            at += run;
            place = 0;
            image++;
        }

        return memory;
    }
}
