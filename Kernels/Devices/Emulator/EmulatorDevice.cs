using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Devices.Emulator;

/// <summary>
/// Runs kernels to be looked at: their own C# methods, one work item at a time, with every access checked.
/// </summary>
/// <remarks>
/// A breakpoint in a kernel's source stops here. Reading or writing outside of a view, two work items using an element
/// of shared memory between two barriers while one of them changes it, and a barrier that only some work items reach
/// are errors that name the kernel, the work item and the place. Meant for small sizes.
/// </remarks>
public sealed unsafe class EmulatorDevice : Device
{
    private readonly CpuMemoryPool _pool = new();

    /// <inheritdoc/>
    public override string Name => "emulator";

    /// <inheritdoc/>
    public override string Description => "kernels as plain .NET, one work item at a time, every access checked";

    /// <summary>Whether views check here: not when kernels had run before the emulator was named.</summary>
    internal bool Checks => ViewChecks.AreOn;

    /// <summary>
    /// Whether work items, and groups, run from the last to the first: what then differs depends on their order.
    /// </summary>
    internal bool RunsBackwards { get; set; }

    internal override DeviceBuffer Allocate(long bytes)
    {
        var buffer = new EmulatorBuffer(this, _pool, (nint)_pool.Rent(bytes), bytes);
        Memory.Add(bytes);
        return buffer;
    }

    internal override void Upload(byte* source, long bytes, DeviceBuffer target, long targetOffset) =>
        Buffer.MemoryCopy(source, At(target, targetOffset, bytes), bytes, bytes);

    internal override void Download(DeviceBuffer source, long sourceOffset, byte* target, long bytes) =>
        Buffer.MemoryCopy(At(source, sourceOffset, bytes), target, bytes, bytes);

    private static byte* At(DeviceBuffer buffer, long offset, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, buffer.Bytes - bytes);
        return ((EmulatorBuffer)buffer).Start + offset;
    }
}
