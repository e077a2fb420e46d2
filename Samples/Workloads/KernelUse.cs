using MomentumCore.Kernels.Devices;

namespace MomentumCore.Samples;

/// <summary>How long a kernel takes whose arguments cannot be made up, where it is used.</summary>
/// <param name="Scene">What was done.</param>
/// <param name="Runs">How often that ran it.</param>
/// <param name="Milliseconds">The time of one run, on average.</param>
/// <param name="Instead">The hand-written loops that the device ran in its place, all together; null for itself.</param>
internal sealed record KernelUse(string Scene, double Runs, double Milliseconds, string? Instead)
{
    /// <summary>Times it on a device, or null where no scene runs it.</summary>
    public static KernelUse? Find(KernelDescription kernel, Device device)
    {
        string name = kernel.ToString();
        return KernelScenes.All.FirstOrDefault(s => s.Kernels.Contains(name))?.Measure(device).GetValueOrDefault(name);
    }
}
