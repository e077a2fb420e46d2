using System.Runtime.CompilerServices;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Devices;

/// <summary>One argument of a launch, for any device: up to eight bytes of a number, or a view.</summary>
public readonly struct KernelArgument
{
    private KernelArgument(ulong bits, int size, nint buffer, long offset, long length)
    {
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

    /// <summary>A number.</summary>
    public static KernelArgument Of<T>(T value)
        where T : unmanaged
    {
        // Booleans are ints in OpenCL C.
        if (typeof(T) == typeof(bool))
            return new KernelArgument(Unsafe.BitCast<T, byte>(value), 4, 0, 0, 0);
        ulong bits = 0;
        Unsafe.WriteUnaligned(ref Unsafe.As<ulong, byte>(ref bits), value);
        return new KernelArgument(bits, Unsafe.SizeOf<T>(), 0, 0, 0);
    }

    /// <summary>A view.</summary>
    public static KernelArgument Of<T>(ArrayView<T> view)
        where T : unmanaged =>
        new(0, 0, view.Buffer, view.OffsetInBuffer, view.Length);
}
