using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>The matrix product on the CPU: blocks of k, packed panels, register tiles, spread over the threads.</summary>
/// <remarks>
/// After Goto and van de Geijn, Anatomy of High-Performance Matrix Multiplication, 2008. Each element is the sum of
/// blocks of at most 512 products, each block one chain of fused multiply-adds in the order of k, the blocks added in
/// order. They depend on the inner size alone, so an element has the same bits in any batch, at any place and on any
/// number of threads.
/// </remarks>
internal static unsafe class CpuMatMul
{
    /// <summary>Products below which handing work to other threads takes longer than doing it.</summary>
    private const long SmallProduct = 1 << 17;

    /// <summary>y = a·b for each matrix of a stack, by way of an epilogue.</summary>
    public static void Run<T, TEpilogue>(
        CpuDevice device,
        ArrayView<T> a,
        MatrixLayout left,
        ArrayView<T> b,
        MatrixLayout right,
        ArrayView<T> y,
        in StridedLayout batch,
        TEpilogue epilogue)
        where T : unmanaged
        where TEpilogue : unmanaged, IEpilogue<T>
    {
        if (left.Rows == 0 || right.Columns == 0)
            return;
        if (batch.Count == 1 && CpuThinProduct.Fits(left, right))
        {
            CpuThinProduct.Run(device, a.Pointer, left, b.Pointer, right, y.Pointer, 0, epilogue);
            return;
        }

        var first = Product<T>.Create(a.Pointer, left, b.Pointer, right, y.Pointer);
        long size = Math.Max(1, (long)left.Rows * right.Columns * left.Columns);
        if (batch.Count == 1 && CpuTallProduct.Fits(first))
        {
            CpuTallProduct.Run(device, first, epilogue);
            return;
        }

        if (batch.Count > 1 && (size <= SmallProduct || batch.Count >= 4 * device.Threads))
        {
            var scratch = ScratchSlots.Rent(device, Block<T>.PanelBytes(first));
            int chunk = (int)Math.Clamp(SmallProduct / size, 1, batch.Count);
            device.RunChunks(batch.Count, chunk, new StackBody<T, TEpilogue>(first, batch, scratch, epilogue));
            scratch.Return(device);
            return;
        }

        long bytes = Block<T>.PanelBytes(first);
        var pool = device.ScratchPool;
        void* panels = pool.Rent(bytes);
        for (int i = 0; i < batch.Count; i++)
        {
            if (size <= SmallProduct)
                RunInPlace(first.At(batch, i), panels, epilogue);
            else
                RunOnAllThreads(device, first.At(batch, i), panels, epilogue);
        }

        pool.Return(panels, bytes);
    }

    private static void RunInPlace<T, TEpilogue>(in Product<T> product, void* panels, TEpilogue epilogue)
        where T : unmanaged
        where TEpilogue : unmanaged, IEpilogue<T>
    {
        for (int i = 0; i < Block<T>.CountOf(product); i++)
        {
            var block = new Block<T>(product, i, panels);
            new PackBody<T>(block).Run(0, block.Panels);
            block.RunTiles(0, block.Rows, 0, block.RightPanels, epilogue);
        }
    }

    private static void RunOnAllThreads<T, TEpilogue>(CpuDevice device, in Product<T> product, void* panels, TEpilogue epilogue)
        where T : unmanaged
        where TEpilogue : unmanaged, IEpilogue<T>
    {
        for (int i = 0; i < Block<T>.CountOf(product); i++)
        {
            var block = new Block<T>(product, i, panels);
            device.RunChunks(block.Panels, 1, new PackBody<T>(block));
            var tiles = new TileBody<T, TEpilogue>(block, epilogue);
            device.RunChunks(tiles.Tasks, 1, tiles);
        }
    }

    /// <summary>Packs panels.</summary>
    private readonly struct PackBody<T>(Block<T> block) : IRangeBody
        where T : unmanaged
    {
        private readonly Block<T> _block = block;

        public void Run(int start, int end)
        {
            for (int panel = start; panel < end; panel++)
                _block.PackPanel(panel);
        }
    }

    /// <summary>Runs tiles: the rows in bands that fit the second cache, the panels in groups, each pair a task.</summary>
    private readonly struct TileBody<T, TEpilogue> : IRangeBody
        where T : unmanaged
        where TEpilogue : unmanaged, IEpilogue<T>
    {
        private const int BandRows = 96;
        private const int EnoughTasks = 12;
        private readonly Block<T> _block;
        private readonly TEpilogue _epilogue;
        private readonly int _rows;
        private readonly int _bands;
        private readonly int _groups;

        public TileBody(Block<T> block, TEpilogue epilogue)
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

    /// <summary>Runs whole products of a stack, each in place.</summary>
    private readonly struct StackBody<T, TEpilogue>(
        Product<T> first, StridedLayout batch, ScratchSlots scratch, TEpilogue epilogue) : IRangeBody
        where T : unmanaged
        where TEpilogue : unmanaged, IEpilogue<T>
    {
        private readonly Product<T> _first = first;
        private readonly StridedLayout _batch = batch;
        private readonly ScratchSlots _scratch = scratch;
        private readonly TEpilogue _epilogue = epilogue;

        public void Run(int start, int end)
        {
            int slot = _scratch.Claim();
            for (int i = start; i < end; i++)
                RunInPlace(_first.At(_batch, i), _scratch.Memory(slot), _epilogue);
            _scratch.Release(slot);
        }
    }
}
