using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Devices.OpenCl;

/// <summary>A buffer on loan from an <see cref="OpenClMemoryPool"/>.</summary>
internal sealed class OpenClBuffer(OpenClDevice device, OpenClMemoryPool pool, nint memory, long bytes) : DeviceBuffer(device, bytes)
{
    private nint _memory = memory;

    public nint Memory => _memory;

    public override ArrayView<T> View<T>(long offset, long length) => ArrayView<T>.OnDevice(_memory, offset, length);

    public override void Free()
    {
        nint memory = Interlocked.Exchange(ref _memory, 0);
        if (memory == 0)
            return;
        pool.Return(memory, Bytes);
        Device.Memory.Remove(Bytes);
    }
}
