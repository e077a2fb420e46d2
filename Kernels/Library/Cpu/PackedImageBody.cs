namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>
/// A convolution whose windows are packed into panels: for small images, whose windows run on into the next image.
/// </summary>
internal unsafe struct PackedImageBody<T, TEpilogue> : IImageBody
    where T : unmanaged
    where TEpilogue : unmanaged, IEpilogue<T>
{
    /// <summary>Columns of a task: enough to read weights for.</summary>
    private const int MostColumns = 256;

    private const int FewestRows = 48;

    private readonly ImageProduct<T> _image;
    private readonly TEpilogue _epilogue;
    private readonly int _columns;
    private readonly int _columnTasks;
    private readonly int _rows;
    private readonly int _bands;

    public PackedImageBody(in ImageProduct<T> image, TEpilogue epilogue)
    {
        _image = image;
        _epilogue = epilogue;
        int width = RegisterTile.Width<T>();
        int share = Math.Clamp(image.Columns / CpuConvolution.EnoughTasks, width, MostColumns);
        _columns = (share + width - 1) / width * width;
        _columnTasks = (image.Columns + _columns - 1) / _columns;
        // Few columns, as in the last layers for few images: share out the rows too.
        int tasks = _columnTasks * image.Groups;
        int bands = Math.Clamp(CpuConvolution.EnoughTasks / tasks, 1, Math.Max(1, image.Rows / FewestRows));
        _rows = RowPanels.PaddedRows((image.Rows + bands - 1) / bands);
        _bands = (image.Rows + _rows - 1) / _rows;
    }

    public ScratchSlots Scratch { get; set; }

    public readonly int Tasks => _columnTasks * _image.Groups * _bands;

    public readonly long ScratchBytes =>
        SpreadBytes + Block<T, ImageColumns<T>>.PanelBytes(_image.Part(0, 0, _rows) with { Columns = _columns });

    // Where the result's columns do not lie side by side it is computed gapless first.
    private readonly long SpreadBytes => _image.IsSpread ? (long)_rows * _columns * sizeof(T) : 0;

    public readonly void Run(int start, int end)
    {
        int slot = Scratch.Claim();
        for (int task = start; task < end; task++)
            RunTask(task, Scratch.Memory(slot));
        Scratch.Release(slot);
    }

    private readonly void RunTask(int task, byte* memory)
    {
        int row = task % _bands * _rows, rows = Math.Min(_rows, _image.Rows - row);
        int group = task / _bands / _columnTasks;
        int column = task / _bands % _columnTasks * _columns;
        var part = _image.Part(group, row, rows);
        var product = part;
        product.Columns = Math.Min(_columns, _image.Columns - column);
        var windows = new ImageColumns<T>(_image.Source + (group * _image.SourceGroup), _image.Windows, column);
        if (_image.IsSpread)
        {
            product.Y = (T*)memory;
            product.YRow = product.Columns;
            product.PlaneColumns = int.MaxValue;
            BlockedProduct.RunInPlace(product, windows, memory + SpreadBytes, default(NoEpilogue<T>));
            _image.Spread((T*)memory, part, column, product.Columns, _epilogue);
            return;
        }

        product.PlaneColumns = product.PlanePeriod = _image.Windows.GridSize;
        product.PlaneStep = _image.ResultImage;
        product.FirstColumn = column;
        BlockedProduct.RunInPlace(product, windows, memory, _epilogue);
    }
}
