using System.Runtime.CompilerServices;
using MomentumCore.Kernels.Devices.Emulator;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Devices;

/// <summary>One argument of a launch, for any device: up to eight bytes of a number, or a view.</summary>
public readonly unsafe struct KernelArgument
{
    private readonly void* _data;

    private KernelArgument(void* data, ulong bits, int size, nint buffer, long offset, long length)
    {
        _data = data;
        Bits = bits;
        Size = size;
        Buffer = buffer;
        Offset = offset;
        Length = length;
    }

    /// <summary>The number's bytes, lowest first.</summary>
    internal ulong Bits { get; }

    /// <summary>How many bytes the number has; 0 for a view.</summary>
    internal int Size { get; }

    /// <summary>The device's handle of the view's memory.</summary>
    internal nint Buffer { get; }

    /// <summary>Elements from the start of the memory to the view.</summary>
    internal long Offset { get; }

    /// <summary>Elements of the view.</summary>
    internal long Length { get; }

    /// <summary>The bytes of a struct, valid during the launch, or null.</summary>
    internal void* Data => _data;

    /// <summary>A struct, handed over as it lies in memory; it has to stay there during the launch.</summary>
    internal static KernelArgument Bytes(void* data, int size) => new(data, 0, size, 0, 0, 0);

    /// <summary>Memory of each group, which the kernel alone sees.</summary>
    internal static KernelArgument Shared(int bytes) => new(null, 0, bytes, 0, 0, -1);

    /// <summary>Whether it is memory of each group, of <see cref="Size"/> bytes.</summary>
    internal bool IsShared => Length < 0;

    /// <summary>A number.</summary>
    public static KernelArgument Of<T>(T value)
        where T : unmanaged
    {
        // Booleans are ints in OpenCL C.
        if (typeof(T) == typeof(bool))
            return new KernelArgument(null, Unsafe.BitCast<T, byte>(value), 4, 0, 0, 0);
        ulong bits = 0;
        Unsafe.WriteUnaligned(ref Unsafe.As<ulong, byte>(ref bits), value);
        return new KernelArgument(null, bits, Unsafe.SizeOf<T>(), 0, 0, 0);
    }

    /// <summary>A view.</summary>
    public static KernelArgument Of<T>(ArrayView<T> view)
        where T : unmanaged =>
        new(null, 0, 0, view.Buffer == EmulatorBuffer.Unwatched ? 0 : view.Buffer, view.OffsetInBuffer, view.Length);
}
