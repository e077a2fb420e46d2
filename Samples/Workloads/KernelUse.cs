using MomentumCore.Kernels.Devices;
using MomentumCore.Reversible;

namespace MomentumCore.Samples;

/// <summary>A kernel whose arguments cannot be made up, timed where it is used: in a training step that runs it.</summary>
/// <param name="Step">Which training step.</param>
/// <param name="Runs">How often a step runs it.</param>
/// <param name="Milliseconds">The time of one run, on average.</param>
internal sealed record KernelUse(string Step, double Runs, double Milliseconds)
{
    private const ulong Seed = 1;
    private const int Repeats = 3;

    // From the cheapest on: drivers compile the kernels of all steps up to the one that is looked for.
    private static readonly (string Name, Func<Device, TrainingStep> Prepare)[] Steps =
    [
        ("rings", device => Workloads.Find("rings")!.Prepare(2, MemoryMode.Recompute, device, Seed)),
        ("rings, exact", device => Workloads.Find("rings")!.Prepare(2, MemoryMode.Exact, device, Seed)),
        ("narrow Transformer", device => ModelWorkloads.NarrowTransformer.Prepare(1, MemoryMode.Recompute, device, Seed)),
        ("narrow ResNet", device => ModelWorkloads.NarrowResNet.Prepare(1, MemoryMode.Recompute, device, Seed)),
    ];

    /// <summary>The names of the steps that are looked through.</summary>
    public static string StepNames => string.Join("; ", Steps.Select(s => s.Name));

    /// <summary>The first step that runs the kernel on the device, or null when none does.</summary>
    public static KernelUse? Find(KernelDescription kernel, Device device)
    {
        // The profile knows kernels by name and type.
        var names = kernel.Forms.Select(f => f.FullName).ToHashSet();
        foreach (var (name, prepare) in Steps)
        {
            using var step = prepare(device);
            step.Run(); // drivers compile now
            using var profile = device.Profile();
            for (int i = 0; i < Repeats; i++)
                step.Run();
            var found = profile.Kernels.Where(k => names.Contains(k.Name)).ToList();
            double runs = found.Sum(k => k.Count);
            if (runs > 0)
                return new KernelUse(name, runs / Repeats, found.Sum(k => k.Milliseconds) / runs);
        }

        return null;
    }
}
