using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Devices.Cpu;

/// <summary>A block of native memory on loan from a <see cref="CpuMemoryPool"/>.</summary>
internal sealed unsafe class CpuBuffer(CpuDevice device, CpuMemoryPool pool, nint start, long bytes)
    : DeviceBuffer(device, bytes)
{
    private nint _start = start;

    public void* Pointer => (void*)_start;

    public override ArrayView<T> View<T>(long offset, long length) => new((T*)_start + offset, length);

    public override void Free()
    {
        nint start = Interlocked.Exchange(ref _start, 0);
        if (start == 0)
            return;
        pool.Return(start, Bytes);
        Device.Memory.Remove(Bytes);
    }
}
