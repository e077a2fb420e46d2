namespace MomentumCore.Kernels.Devices.Cpu;

/// <summary>A thread that is at work on a tile: its kernels run in place, its memory is its own.</summary>
internal sealed class CpuWorker
{
    [ThreadStatic]
    private static CpuWorker? s_current;

    /// <summary>The worker that this thread is, or null outside of a tile.</summary>
    public static CpuWorker? Current
    {
        get => s_current;
        set => s_current = value;
    }

    public CpuMemoryPool Pool { get; } = new();
}
