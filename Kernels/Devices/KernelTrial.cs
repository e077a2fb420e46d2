using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Devices;

/// <summary>Made-up arguments for runs of a map; generated code asks for them one by one.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class KernelTrial : IDisposable
{
    private readonly List<DeviceBuffer> _buffers = [];
    private int _next;

    internal KernelTrial(Device device, int count)
    {
        Device = device;
        Count = count;
    }

    /// <summary>Where to run.</summary>
    public Device Device { get; }

    /// <summary>The number of work items.</summary>
    public int Count { get; }

    /// <summary>Bytes of all views.</summary>
    internal long Bytes => _buffers.Sum(b => b.Bytes);

    /// <summary>The next view: small numbers, or zeros of a type that is none.</summary>
    public ArrayView<T> View<T>()
        where T : unmanaged
    {
        if (_next == _buffers.Count)
        {
            var values = new T[Count];
            for (int i = 0; i < Count; i++)
                values[i] = Small<T>(1 + (i % 7));
            var buffer = Device.Allocate((long)Count * Unsafe.SizeOf<T>());
            _buffers.Add(buffer);
            Device.Upload(MemoryMarshal.AsBytes(values.AsSpan()), buffer, 0);
        }

        return _buffers[_next++].View<T>(0, Count);
    }

    /// <summary>A number, or a struct of zeros.</summary>
    public T Number<T>()
        where T : unmanaged =>
        Small<T>(1);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var buffer in _buffers)
            buffer.Free();
    }

    internal void Restart() => _next = 0;

    private static T Small<T>(int value)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
            return (T)(object)(value / 8f);
        if (typeof(T) == typeof(double))
            return (T)(object)(value / 8.0);
        if (typeof(T) == typeof(int))
            return (T)(object)value;
        return typeof(T) == typeof(long) ? (T)(object)(long)value : default;
    }
}
