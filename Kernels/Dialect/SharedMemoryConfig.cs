using System.Runtime.CompilerServices;

namespace MomentumCore.Kernels.Dialect;

/// <summary>How much dynamic shared memory each group of a launch gets.</summary>
public readonly struct SharedMemoryConfig
{
    private SharedMemoryConfig(int bytes) => Bytes = bytes;

    /// <summary>Bytes for each group.</summary>
    public int Bytes { get; }

    /// <summary>Room for <paramref name="length"/> elements.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A negative length, or more bytes than an int counts.</exception>
    public static SharedMemoryConfig RequestDynamic<T>(int length)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        long bytes = length * (long)Unsafe.SizeOf<T>();
        return bytes <= int.MaxValue
            ? new SharedMemoryConfig((int)bytes)
            : throw new ArgumentOutOfRangeException(
                nameof(length),
                $"RequestDynamic: {length} elements of {typeof(T).Name} are {bytes} bytes of shared memory for each group; at most " +
                $"{int.MaxValue} can be asked for, and devices have far less: some tens of kilobytes. Use smaller groups.");
    }
}
