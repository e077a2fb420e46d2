using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Devices.Emulator;

/// <summary>Memory of the emulator: of this process, but out of reach of code that is not a kernel.</summary>
internal sealed unsafe class EmulatorBuffer(EmulatorDevice device, CpuMemoryPool pool, nint start, long bytes)
    : DeviceBuffer(device, bytes)
{
    /// <summary>The handle of a view that no launch watches yet.</summary>
    public const nint Unwatched = -1;

    private nint _start = start;

    public byte* Start => (byte*)_start;

    public override ArrayView<T> View<T>(long offset, long length) =>
        ArrayView<T>.Watched(Unwatched, (T*)_start + offset, length);

    public override void Free()
    {
        nint start = Interlocked.Exchange(ref _start, 0);
        if (start == 0)
            return;
        pool.Return((void*)start, Bytes);
        Device.Memory.Remove(Bytes);
    }
}
