using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Devices.Cpu;

/// <summary>
/// A block of native memory: on loan from a <see cref="CpuMemoryPool"/>, or part of something else, such as a mapped file.
/// </summary>
internal sealed unsafe class CpuBuffer : DeviceBuffer
{
    private readonly CpuMemoryPool? _pool;
    private readonly IDisposable? _owner;
    private nint _start;

    /// <summary>Memory that goes back to a pool.</summary>
    public CpuBuffer(CpuDevice device, CpuMemoryPool pool, nint start, long bytes, long guard = 0)
        : base(device, bytes, guard)
    {
        _pool = pool;
        _start = start;
    }

    /// <summary>Memory that lives as long as its owner, who is disposed when it is no longer needed.</summary>
    public CpuBuffer(CpuDevice device, IDisposable owner, nint start, long bytes)
        : base(device, bytes)
    {
        _owner = owner;
        _start = start;
    }

    public void* Pointer => (byte*)_start + Guard;

    public override ArrayView<T> View<T>(long offset, long length) => new((T*)Pointer + offset, length);

    public override void Free()
    {
        if (Guard > 0 && _start != 0)
            Device.Guards?.Release(this);
        nint start = Interlocked.Exchange(ref _start, 0);
        if (start == 0)
            return;
        _owner?.Dispose();
        // Borrowed memory was never counted as a tensor's.
        if (_pool == null)
            return;
        _pool.Return(start, Bytes + (2 * Guard));
        Device.Memory.Remove(Bytes);
    }
}
