using System.Runtime.CompilerServices;

namespace MomentumCore.Kernels.Dialect;

/// <summary>How much dynamic shared memory each group of a launch gets.</summary>
public readonly struct SharedMemoryConfig
{
    private SharedMemoryConfig(int bytes) => Bytes = bytes;

    /// <summary>Bytes for each group.</summary>
    public int Bytes { get; }

    /// <summary>Room for <paramref name="length"/> elements.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A negative length.</exception>
    public static SharedMemoryConfig RequestDynamic<T>(int length)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        return new(checked(length * Unsafe.SizeOf<T>()));
    }
}
