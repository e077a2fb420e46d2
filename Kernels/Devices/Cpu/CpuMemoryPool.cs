using System.Runtime.InteropServices;

namespace MomentumCore.Kernels.Devices.Cpu;

/// <summary>Native memory of this process, aligned for vectors and cache lines.</summary>
internal sealed unsafe class CpuMemoryPool : BlockPool
{
    private const nuint Alignment = 64;

    /// <summary>Bytes from which on a block is compared with the memory of the machine.</summary>
    private const long LargeBlock = 1L << 30;

    /// <summary>A block of at least this many bytes, uninitialised.</summary>
    public new void* Rent(long bytes) => (void*)base.Rent(bytes);

    /// <summary>Gives back what <see cref="Rent"/> gave, with the same number of bytes.</summary>
    public void Return(void* start, long bytes) => Return((nint)start, bytes);

    protected override string Owner => "The machine";

    protected override nint Allocate(long bytes)
    {
        // The system promises memory that it does not have and ends the process when it is used.
        if (bytes > LargeBlock && bytes > GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)
            return 0;
        try
        {
            return (nint)NativeMemory.AlignedAlloc((nuint)bytes, Alignment);
        }
        catch (OutOfMemoryException)
        {
            return 0;
        }
    }

    protected override void Free(nint block) => NativeMemory.AlignedFree((void*)block);
}
