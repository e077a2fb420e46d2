using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Tests.Support;

/// <summary>Memory on any device for kernels under test, given back at the end.</summary>
internal sealed class DeviceViews(Device device) : IDisposable
{
    private readonly List<DeviceBuffer> _buffers = [];

    public Device Device { get; } = device;

    /// <summary>The emulator is a device like the others for tests.</summary>
    public static IEnumerable<Device> AllDevices => Device.All.Append(Device.Emulator);

    public ArrayView<T> Put<T>(params T[] values)
        where T : unmanaged
    {
        var buffer = Device.Allocate(
            Math.Max(1, values.Length) * (long)System.Runtime.CompilerServices.Unsafe.SizeOf<T>());
        _buffers.Add(buffer);
        Device.Upload(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()), buffer, 0);
        return buffer.View<T>(0, values.Length);
    }

    /// <summary>What the n-th buffer holds now.</summary>
    public T[] Get<T>(int number, int length)
        where T : unmanaged
    {
        var values = new T[length];
        Device.Download(_buffers[number], 0, System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    public void Dispose()
    {
        foreach (var buffer in _buffers)
            buffer.Free();
    }
}
