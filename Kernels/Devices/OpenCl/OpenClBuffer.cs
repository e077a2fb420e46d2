using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Devices.OpenCl;

/// <summary>A buffer on loan from an <see cref="OpenClMemoryPool"/>.</summary>
internal sealed class OpenClBuffer(OpenClDevice device, OpenClMemoryPool pool, nint memory, long bytes, long guard = 0)
    : DeviceBuffer(device, bytes, guard)
{
    private nint _memory = memory;

    public nint Memory => _memory;

    public override unsafe ArrayView<T> View<T>(long offset, long length) =>
        ArrayView<T>.OnDevice(_memory, (Guard / sizeof(T)) + offset, length);

    public override void Free()
    {
        if (Guard > 0 && _memory != 0)
            Device.Guards?.Release(this);
        nint memory = Interlocked.Exchange(ref _memory, 0);
        if (memory == 0)
            return;
        pool.Return(memory, Bytes + (2 * Guard));
        Device.Memory.Remove(Bytes);
    }
}
