using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Devices.OpenCl;

/// <summary>A buffer on loan from an <see cref="OpenClMemoryPool"/>.</summary>
internal sealed class OpenClBuffer : DeviceBuffer
{
    private readonly OpenClBuffers _all;
    private readonly OpenClMemoryPool _pool;
    private readonly nint _name;
    private nint _memory;

    public OpenClBuffer(OpenClDevice device, OpenClBuffers all, OpenClMemoryPool pool, nint memory, long bytes, long guard)
        : base(device, bytes, guard)
    {
        _all = all;
        _pool = pool;
        _memory = memory;
        _name = all.Add(this);
    }

    /// <summary>The driver's handle; 0 when it was given back.</summary>
    public nint Memory => _memory;

    public override unsafe ArrayView<T> View<T>(long offset, long length) =>
        ArrayView<T>.OnDevice(_name, (Guard / sizeof(T)) + offset, length);

    public override void Free()
    {
        if (Guard > 0 && _memory != 0)
            Device.Guards?.Release(this);
        nint memory = Interlocked.Exchange(ref _memory, 0);
        if (memory == 0)
            return;
        _all.Remove(_name);
        _pool.Return(memory, Bytes + (2 * Guard));
        Device.Memory.Remove(Bytes);
    }
}
