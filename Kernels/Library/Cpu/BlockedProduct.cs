using MomentumCore.Kernels.Devices.Cpu;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>Runs the blocks of a product, on the calling thread or on all.</summary>
internal static unsafe class BlockedProduct
{
    /// <summary>Products below which handing work to other threads takes longer than doing it.</summary>
    public const long Small = 1 << 17;

    /// <summary>Computes a product on the calling thread.</summary>
    public static void RunInPlace<T, TColumns, TEpilogue>(
        in Product<T> product, in TColumns columns, void* panels, TEpilogue epilogue)
        where T : unmanaged
        where TColumns : unmanaged, IColumns<T>
        where TEpilogue : unmanaged, IEpilogue<T>
    {
        for (int i = 0; i < Block<T, TColumns>.CountOf(product); i++)
        {
            var block = new Block<T, TColumns>(product, columns, i, panels);
            for (int panel = 0; panel < block.Panels; panel++)
                block.PackPanel(panel);
            block.RunTiles(0, block.Rows, 0, block.RightPanels, epilogue);
        }
    }

    /// <summary>Computes a product on all threads of a device.</summary>
    public static void RunOnAllThreads<T, TColumns, TEpilogue>(
        CpuDevice device, in Product<T> product, in TColumns columns, void* panels, TEpilogue epilogue)
        where T : unmanaged
        where TColumns : unmanaged, IColumns<T>
        where TEpilogue : unmanaged, IEpilogue<T>
    {
        for (int i = 0; i < Block<T, TColumns>.CountOf(product); i++)
        {
            var block = new Block<T, TColumns>(product, columns, i, panels);
            device.RunChunks(block.Panels, 1, new PackBody<T, TColumns>(block));
            var tiles = new TileBody<T, TColumns, TEpilogue>(block, epilogue);
            device.RunChunks(tiles.Tasks, 1, tiles);
        }
    }

    /// <summary>Packs panels.</summary>
    private readonly struct PackBody<T, TColumns>(Block<T, TColumns> block) : IRangeBody
        where T : unmanaged
        where TColumns : unmanaged, IColumns<T>
    {
        private readonly Block<T, TColumns> _block = block;

        public void Run(int start, int end)
        {
            for (int panel = start; panel < end; panel++)
                _block.PackPanel(panel);
        }
    }

    /// <summary>
    /// Runs tiles: the rows in bands that fit the second cache, the panels in groups, each pair a task.
    /// </summary>
    private readonly struct TileBody<T, TColumns, TEpilogue> : IRangeBody
        where T : unmanaged
        where TColumns : unmanaged, IColumns<T>
        where TEpilogue : unmanaged, IEpilogue<T>
    {
        private const int BandRows = 96;
        private const int EnoughTasks = 12;
        private readonly Block<T, TColumns> _block;
        private readonly TEpilogue _epilogue;
        private readonly int _rows;
        private readonly int _bands;
        private readonly int _groups;

        public TileBody(Block<T, TColumns> block, TEpilogue epilogue)
        {
            _block = block;
            _epilogue = epilogue;
            int tiles = (block.Rows + RegisterTile.Rows - 1) / RegisterTile.Rows;
            _bands = (block.Rows + BandRows - 1) / BandRows;
            _rows = (tiles + _bands - 1) / _bands * RegisterTile.Rows;
            _bands = (block.Rows + _rows - 1) / _rows;
            _groups = Math.Min(block.RightPanels, (EnoughTasks + _bands - 1) / _bands);
        }

        public int Tasks => _bands * _groups;

        public void Run(int start, int end)
        {
            for (int task = start; task < end; task++)
            {
                int band = task / _groups, group = task % _groups;
                _block.RunTiles(
                    band * _rows,
                    Math.Min(_block.Rows, (band + 1) * _rows),
                    (int)((long)_block.RightPanels * group / _groups),
                    (int)((long)_block.RightPanels * (group + 1) / _groups),
                    _epilogue);
            }
        }
    }
}
