using MomentumCore.Kernels.Devices.Cpu;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>
/// Images times weights as one matrix product, for convolutions and their derivatives with respect to the input: rows
/// are channels of the result, columns windows of all images, and k runs over the channels and taps of a group.
/// </summary>
/// <remarks>
/// The sums are those of <see cref="CpuMatMul"/>: an image of the result has the same bits in any batch and on any
/// number of threads.
/// </remarks>
internal static unsafe class CpuConvolution
{
    /// <summary>Columns that a task takes at least, where there are that many tasks: enough to reuse weights from.</summary>
    private const int MostColumns = 256;

    private const int EnoughTasks = 12;
    private const int FewestRows = 48;

    /// <summary>Computes all groups of a convolution.</summary>
    public static void Run<T, TEpilogue>(CpuDevice device, in ImageProduct<T> image, TEpilogue epilogue)
        where T : unmanaged
        where TEpilogue : unmanaged, IEpilogue<T>
    {
        var body = new Body<T, TEpilogue>(image, epilogue);
        if (body.Tasks == 0)
            return;
        body.Scratch = ScratchSlots.Rent(device, body.ScratchBytes);
        long products = Math.Max(1, (long)image.Groups * image.Rows * image.Inner * image.Columns / body.Tasks);
        device.RunChunks(body.Tasks, (int)Math.Clamp(BlockedProduct.Small / products, 1, body.Tasks), body);
        body.Scratch.Return(device);
    }

    /// <summary>A task computes some rows and columns of a group.</summary>
    private struct Body<T, TEpilogue> : IRangeBody
        where T : unmanaged
        where TEpilogue : unmanaged, IEpilogue<T>
    {
        private readonly ImageProduct<T> _image;
        private readonly TEpilogue _epilogue;
        private readonly int _columns;
        private readonly int _columnTasks;
        private readonly int _rows;
        private readonly int _bands;

        public Body(in ImageProduct<T> image, TEpilogue epilogue)
        {
            _image = image;
            _epilogue = epilogue;
            int width = RegisterTile.Width<T>();
            int share = Math.Clamp(image.Columns / EnoughTasks, width, MostColumns);
            _columns = (share + width - 1) / width * width;
            _columnTasks = (image.Columns + _columns - 1) / _columns;
            // Few columns, as in the last layers for few images: share out the rows too.
            int tasks = Math.Max(1, _columnTasks * image.Groups);
            int bands = Math.Clamp(EnoughTasks / tasks, 1, Math.Max(1, image.Rows / FewestRows));
            _rows = RowPanels.PaddedRows((image.Rows + bands - 1) / bands);
            _bands = (image.Rows + _rows - 1) / _rows;
        }

        public ScratchSlots Scratch { get; set; }

        public readonly int Tasks => _columnTasks * _image.Groups * _bands;

        public readonly long ScratchBytes => SpreadBytes + Block<T, ImageColumns<T>>.PanelBytes(Product(0, _columns, 0, _rows));

        // Where the result's columns do not lie side by side it is computed gapless first.
        private readonly long SpreadBytes => _image.IsSpread ? (long)_rows * _columns * sizeof(T) : 0;

        public readonly void Run(int start, int end)
        {
            int slot = Scratch.Claim();
            byte* memory = Scratch.Memory(slot);
            for (int task = start; task < end; task++)
                RunTask(task, memory);
            Scratch.Release(slot);
        }

        private readonly void RunTask(int task, byte* memory)
        {
            int band = task % _bands;
            task /= _bands;
            int group = task / _columnTasks;
            int column = task % _columnTasks * _columns, row = band * _rows;
            int columns = Math.Min(_columns, _image.Columns - column);
            var product = Product(column, columns, row, Math.Min(_rows, _image.Rows - row));
            product.A += (nint)group * _image.Rows * _image.Inner;
            product.Y += group * _image.Rows * product.YRow;
            product.FirstRow += group * _image.Rows;
            var windows = new ImageColumns<T>(_image.Source + (group * _image.SourceGroup), _image.Windows, column);
            if (!_image.IsSpread)
            {
                BlockedProduct.RunInPlace(product, windows, memory, _epilogue);
                return;
            }

            var target = product;
            product.Y = (T*)memory;
            product.YRow = columns;
            product.PlaneColumns = int.MaxValue;
            BlockedProduct.RunInPlace(product, windows, memory + SpreadBytes, _epilogue);
            _image.Spread((T*)memory, target.Y, product.Rows, column, columns);
        }

        private readonly Product<T> Product(int column, int columns, int row, int rows) => new()
        {
            Rows = rows,
            Columns = columns,
            Inner = _image.Inner,
            A = _image.Weights + ((nint)row * _image.Inner),
            ARow = _image.Inner,
            AStep = 1,
            Y = _image.Result + ((nint)row * _image.ResultPlane),
            YRow = _image.ResultPlane,
            PlaneColumns = _image.Windows.GridSize,
            PlaneStep = _image.ResultImage,
            FirstColumn = column,
            FirstRow = row,
        };
    }
}
