using System.Runtime.Intrinsics;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>
/// A convolution whose register tiles read the windows from a padded copy of the image, without panels.
/// </summary>
internal unsafe struct PaddedImageBody<T, TEpilogue> : IImageBody
    where T : unmanaged
    where TEpilogue : unmanaged, IEpilogue<T>
{
    /// <summary>Columns of a task, places between the rows included, where an image has that many.</summary>
    private const int MostColumns = 512;

    private readonly ImageProduct<T> _image;
    private readonly TEpilogue _epilogue;
    private readonly int _bands;
    private PaddedImage<T> _padded;

    public PaddedImageBody(in ImageProduct<T> image, TEpilogue epilogue)
    {
        _image = image;
        _epilogue = epilogue;
        int width = new PaddedImage<T>(image.Windows, image.Channels, 1).RowStep;
        int rows = Math.Clamp(MostColumns / width, 1, image.Windows.GridHeight);
        _bands = (image.Windows.GridHeight + rows - 1) / rows;
        // A single image has to keep all threads busy.
        int tasks = image.Windows.Images * image.Groups;
        _bands = Math.Clamp(CpuConvolution.EnoughTasks / tasks, _bands, Math.Max(_bands, image.Windows.GridHeight / 4));
        rows = (image.Windows.GridHeight + _bands - 1) / _bands;
        _bands = (image.Windows.GridHeight + rows - 1) / rows;
        _padded = new PaddedImage<T>(image.Windows, image.Channels, rows);
    }

    public ScratchSlots Scratch { get; set; }

    public readonly int Tasks => _image.Windows.Images * _image.Groups * _bands;

    public readonly long ScratchBytes => SpreadBytes + _padded.Bytes;

    /// <summary>Memory for <see cref="Prepare"/>.</summary>
    public readonly long OffsetBytes => Math.Max(1, _image.Inner) * (long)sizeof(int);

    private readonly long SpreadBytes =>
        _image.IsSpread ? (long)_image.Rows * _padded.GridRows * _image.Windows.GridWidth * sizeof(T) : 0;

    /// <summary>
    /// Whether the copy is cheaper than panels. Its tiles also compute the places between the rows of windows; panels
    /// have to be written for each tap.
    /// </summary>
    public static bool IsBetter(in ImageProduct<T> image)
    {
        var windows = image.Windows;
        if (windows.IsFlat || windows.Taps == 0)
            return false;
        var padded = new PaddedImage<T>(windows, image.Channels, windows.GridHeight);
        int lanes = Vector512<T>.Count;
        double computed = (padded.Columns(windows.GridHeight) + lanes - 1) / lanes * lanes;
        double wasted = ((computed / windows.GridSize) - 1) * image.Rows / (2 * lanes);
        double packing = windows.StepX == 1 ? 0.25 + (6.0 / windows.GridWidth) : 1.5;
        double copying = 1.2 * windows.StepX * windows.StepY / windows.Taps;
        return wasted + copying < packing;
    }

    /// <summary>Makes the table that all tasks read.</summary>
    public void Prepare(int* offsets) => _padded.MakeOffsets(offsets);

    public readonly void Run(int start, int end)
    {
        int slot = Scratch.Claim();
        for (int task = start; task < end; task++)
            RunTask(task, Scratch.Memory(slot));
        Scratch.Release(slot);
    }

    private readonly void RunTask(int task, byte* memory)
    {
        int image = task / (_image.Groups * _bands);
        int group = task / _bands % _image.Groups;
        int row = task % _bands * _padded.GridRows;
        int rows = Math.Min(_padded.GridRows, _image.Windows.GridHeight - row);
        int gridWidth = _image.Windows.GridWidth;
        T* source = _image.Source + (image * _image.Windows.ImageStep) + (group * _image.SourceGroup);
        var padded = _padded.Fill(source, row, rows, (T*)(memory + SpreadBytes));

        var part = _image.Part(group, 0, _image.Rows);
        var product = part;
        product.Columns = padded.Columns(rows);
        product.PlanePeriod = padded.RowStep;
        product.PlaneColumns = gridWidth;
        product.PlaneStep = gridWidth;
        if (_image.IsSpread)
        {
            product.Y = (T*)memory;
            product.YRow = rows * gridWidth;
            BlockedProduct.RunInPlace(product, padded, null, default(NoEpilogue<T>));
            int first = (image * _image.Windows.GridSize) + (row * gridWidth);
            _image.Spread((T*)memory, part, first, rows * gridWidth, _epilogue);
            return;
        }

        nint offset = (image * _image.ResultImage) + (row * gridWidth);
        product.Y += offset;
        product.Offset += offset;
        BlockedProduct.RunInPlace(product, padded, null, _epilogue);
    }
}
