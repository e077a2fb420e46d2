namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>
/// The weight gradient as g times windows: rows are output channels, columns (tap, channel), k the windows.
/// </summary>
internal unsafe struct WindowWeightBody<T> : IWeightBody<T>
    where T : unmanaged
{
    private const int EnoughTasks = 8;
    private const int FewestRows = 48;
    private const int MostRows = 120;

    /// <summary>Columns at a time: their panels stay in the second cache.</summary>
    private const int ColumnsAtATime = 128;

    private readonly ConvolutionShape _shape;
    private readonly WindowRows<T> _windows;
    private readonly T* _x;
    private readonly T* _g;
    private readonly int _rows;
    private readonly int _bands;

    public WindowWeightBody(T* x, T* g, in ConvolutionShape shape, in ImageWindows windows)
    {
        _x = x;
        _g = g;
        _shape = shape;
        _windows = new WindowRows<T>(windows, shape.InputChannels / shape.Groups);
        int outputs = shape.OutputChannels / shape.Groups;
        _rows = RowPanels.PaddedRows(Math.Clamp(outputs / EnoughTasks, FewestRows, MostRows));
        _bands = (outputs + _rows - 1) / _rows;
        Parts = Math.Clamp(EnoughTasks / (_bands * shape.Groups), 1, _windows.Runs);
    }

    public int Parts { get; }

    public ScratchSlots Scratch { get; set; }

    public T* Partial { get; set; }

    public readonly int Tasks => Parts * _bands * _shape.Groups;

    public readonly long ScratchBytes => ImageBytes + OutputBytes + Block<T, WindowRows<T>>.PanelBytes(WidestProduct);

    private readonly long ImageBytes => ((_windows.MemoryElements * sizeof(T)) + 63) / 64 * 64;

    private readonly long OutputBytes => (long)_rows * WindowRows<T>.MostWindows * sizeof(T);

    private readonly Product<T> WidestProduct => new()
    {
        Rows = _rows,
        Columns = ColumnsAtATime,
        Inner = WindowRows<T>.MostWindows,
        AStep = 1,
    };

    public readonly void Run(int start, int end)
    {
        int slot = Scratch.Claim();
        for (int task = start; task < end; task++)
            RunTask(task % Parts, task / Parts / _bands, task / Parts % _bands, Scratch.Memory(slot));
        Scratch.Release(slot);
    }

    private readonly void RunTask(int part, int group, int band, byte* memory)
    {
        int outputs = _shape.OutputChannels / _shape.Groups, channels = _shape.InputChannels / _shape.Groups;
        int row = (group * outputs) + (band * _rows);
        T* x = _x + ((nint)group * channels * _shape.InputHeight * _shape.InputWidth);
        var product = new Product<T>
        {
            Rows = Math.Min(_rows, outputs - (band * _rows)),
            AStep = 1,
            YRow = _windows.Columns,
            PlaneColumns = int.MaxValue,
        };
        T* sums = Partial + ((((nint)part * _shape.OutputChannels) + row) * _windows.Columns);
        int first = (int)((long)_windows.Runs * part / Parts), end = (int)((long)_windows.Runs * (part + 1) / Parts);
        for (int run = first; run < end; run++)
        {
            var (window, length) = _windows.Run(run);
            var windows = _windows.Fill(x, window, length, (T*)memory);
            product.A = FindOutputs(row, product.Rows, window, length, (T*)(memory + ImageBytes), out product.ARow);
            product.Inner = length;
            product.Accumulates = run > first;
            for (int column = 0; column < _windows.Columns; column += ColumnsAtATime)
            {
                product.Columns = Math.Min(ColumnsAtATime, _windows.Columns - column);
                product.Y = sums + column;
                BlockedProduct.RunInPlace(
                    product, windows.From(column), memory + ImageBytes + OutputBytes, default(NoEpilogue<T>));
            }
        }
    }

    /// <summary>The rows of g over some windows: in place when they are of one image, else copied together.</summary>
    private readonly T* FindOutputs(int first, int rows, int window, int length, T* memory, out nint row)
    {
        int grid = _shape.OutputHeight * _shape.OutputWidth;
        int image = window / grid, place = window - (image * grid);
        T* source = _g + ((((nint)image * _shape.OutputChannels) + first) * grid);
        if (place + length <= grid)
        {
            row = grid;
            return source + place;
        }

        row = length;
        for (int at = 0; at < length; at += grid)
        {
            for (int o = 0; o < rows; o++)
                new ReadOnlySpan<T>(source + ((nint)o * grid), grid).CopyTo(new Span<T>(memory + (o * row) + at, grid));
            source += (nint)_shape.OutputChannels * grid;
        }

        return memory;
    }
}
