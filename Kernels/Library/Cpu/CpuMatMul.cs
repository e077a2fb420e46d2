using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>
/// The matrix product on the CPU: blocks of k, packed panels, register tiles, spread over the threads.
/// </summary>
/// <remarks>
/// After Goto and van de Geijn, Anatomy of High-Performance Matrix Multiplication, 2008. Each element is the sum of
/// blocks of at most 512 products, each block one chain of fused multiply-adds in the order of k, the blocks added in
/// order. They depend on the inner size alone, so an element has the same bits in any batch, at any place and on any
/// number of threads.
/// </remarks>
internal static unsafe class CpuMatMul
{
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
        if (left.Rows == 0 || right.Columns == 0 || batch.Count == 0)
            return;
        if (batch.Count == 1 && CpuThinProduct.Fits(left, right))
        {
            CpuThinProduct.Run(device, a.Pointer, left, b.Pointer, right, y.Pointer, 0, epilogue);
            return;
        }

        var roles = new MatrixRoles<T>(a.Pointer, left, b.Pointer, right, y.Pointer);
        long size = Math.Max(1, (long)left.Rows * right.Columns * left.Columns);
        if (batch.Count == 1 && CpuTallProduct.Fits(roles.Product))
        {
            var tall = roles.At(batch, 0, out var source);
            if (source.GaplessRows != null)
            {
                CpuTallProduct.Run(device, tall, source.GaplessRows, source.RowStep, epilogue);
                return;
            }
        }

        if (batch.Count > 1 && (size <= BlockedProduct.Small || batch.Count >= 4 * device.Threads))
            RunStack(device, roles, batch, size, epilogue);
        else
            RunEach(device, roles, batch, size, epilogue);
    }

    /// <summary>Each thread takes whole products.</summary>
    private static void RunStack<T, TEpilogue>(
        CpuDevice device, in MatrixRoles<T> roles, in StridedLayout batch, long size, TEpilogue epilogue)
        where T : unmanaged
        where TEpilogue : unmanaged, IEpilogue<T>
    {
        var scratch = ScratchSlots.Rent(device, Block<T, StridedColumns<T>>.PanelBytes(roles.Product));
        int chunk = (int)Math.Clamp(BlockedProduct.Small / size, 1, batch.Count);
        device.RunChunks(batch.Count, chunk, new StackBody<T, TEpilogue>(roles, batch, scratch, epilogue));
        scratch.Return(device);
    }

    /// <summary>All threads share each product.</summary>
    private static void RunEach<T, TEpilogue>(
        CpuDevice device, in MatrixRoles<T> roles, in StridedLayout batch, long size, TEpilogue epilogue)
        where T : unmanaged
        where TEpilogue : unmanaged, IEpilogue<T>
    {
        long bytes = Block<T, StridedColumns<T>>.PanelBytes(roles.Product);
        var pool = device.ScratchPool;
        void* panels = pool.Rent(bytes);
        for (int i = 0; i < batch.Count; i++)
        {
            var product = roles.At(batch, i, out var columns);
            if (size <= BlockedProduct.Small)
                BlockedProduct.RunInPlace(product, columns, panels, epilogue);
            else
                BlockedProduct.RunOnAllThreads(device, product, columns, panels, epilogue);
        }

        pool.Return(panels, bytes);
    }

    private readonly struct StackBody<T, TEpilogue>(
        MatrixRoles<T> roles, StridedLayout batch, ScratchSlots scratch, TEpilogue epilogue) : IRangeBody
        where T : unmanaged
        where TEpilogue : unmanaged, IEpilogue<T>
    {
        private readonly MatrixRoles<T> _roles = roles;
        private readonly StridedLayout _batch = batch;
        private readonly ScratchSlots _scratch = scratch;

        public void Run(int start, int end)
        {
            int slot = _scratch.Claim();
            for (int i = start; i < end; i++)
            {
                var product = _roles.At(_batch, i, out var columns);
                BlockedProduct.RunInPlace(product, columns, _scratch.Memory(slot), epilogue);
            }

            _scratch.Release(slot);
        }
    }
}
