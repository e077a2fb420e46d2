using MomentumCore.Kernels.Devices;

namespace MomentumCore.Engine;

/// <summary>A buffer that several tensors share: freed when the last of them lets go.</summary>
internal sealed class Storage
{
    private readonly DeviceBuffer _buffer;
    private int _references = 1;
    private int _version;

    public Storage(Device device, long bytes)
        : this(device.Allocate(bytes))
    {
    }

    /// <summary>Memory that is there already; it is freed with the last tensor.</summary>
    public Storage(DeviceBuffer buffer)
    {
        _buffer = buffer;
        AllocationSites.Register(this, buffer.Bytes);
    }

    // The safety net: a tensor that nobody disposed and no scope owned.
    ~Storage() => Free();

    public Device Device => _buffer.Device;

    public long Bytes => _buffer.Bytes;

    public DeviceBuffer Buffer => _buffer;

    /// <summary>Counts writes after creation, so that backward can tell that a kept tensor was overwritten.</summary>
    public int Version => Volatile.Read(ref _version);

    public void MarkWritten() => Interlocked.Increment(ref _version);

    /// <summary>True when one tensor alone sees this memory.</summary>
    public bool IsUnshared => Volatile.Read(ref _references) == 1;

    public void AddReference() => Interlocked.Increment(ref _references);

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) != 0)
            return;
        GC.SuppressFinalize(this);
        Free();
    }

    private void Free()
    {
        AllocationSites.Forget(this);
        _buffer?.Free();
    }
}
