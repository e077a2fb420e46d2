using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Devices;

/// <summary>Memory on a device with one owner, who calls <see cref="Free"/> once.</summary>
internal abstract class DeviceBuffer(Device device, long bytes, long guard = 0)
{
    public Device Device { get; } = device;

    /// <summary>The size that was asked for.</summary>
    public long Bytes { get; } = bytes;

    /// <summary>Bytes before and after the memory that a check watches; see <see cref="GuardZones"/>.</summary>
    public long Guard { get; } = guard;

    public abstract ArrayView<T> View<T>(long offset, long length)
        where T : unmanaged;

    /// <summary>Gives the memory back to its pool. Safe to call from any thread, and more than once.</summary>
    public abstract void Free();
}
