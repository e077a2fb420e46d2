namespace MomentumCore.Kernels.Dialect;

/// <summary>Orders memory without waiting: what this work item wrote before is seen before what it writes after.</summary>
public static class MemoryFence
{
    /// <summary>For the work items of this group.</summary>
    public static void GroupLevel() => Interlocked.MemoryBarrier();

    /// <summary>For all work items of the device.</summary>
    public static void DeviceLevel() => Interlocked.MemoryBarrier();
}
