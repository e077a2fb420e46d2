namespace MomentumCore.Kernels.Devices.Cpu;

/// <summary>Work over a range of indices, as a struct so that each kernel gets its own compiled loop.</summary>
public interface IRangeBody
{
    /// <summary>Does the work for every index from <paramref name="start"/> up to, not including, <paramref name="end"/>.</summary>
    void Run(int start, int end);
}
