using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Samples;

/// <summary>A small piece of work that launches kernels whose arguments cannot be made up, to time them there.</summary>
/// <param name="Name">What it does.</param>
/// <param name="Kernels">The kernels that it is there for.</param>
/// <param name="Run">Does it once on a device; what it makes is freed afterwards.</param>
internal sealed record KernelScene(string Name, string[] Kernels, Action<Device> Run)
{
    private const string ByHand = " (by hand)";
    private const int Repeats = 3;

    /// <summary>The time of each of its kernels on a device, or of what runs there in its place.</summary>
    public IReadOnlyDictionary<string, KernelUse> Measure(Device device)
    {
        RunOnce(device); // drivers compile now
        using var profile = device.Profile();
        for (int i = 0; i < Repeats; i++)
            RunOnce(device);
        var times = profile.Kernels;
        var uses = new Dictionary<string, KernelUse>();
        foreach (string name in Kernels)
        {
            // The profile knows kernels by name and type.
            var names = KernelCatalog.Find(name).Single().Forms.Select(f => f.FullName).ToHashSet();
            var itself = times.Where(t => names.Contains(t.Name)).ToList();
            string[] loops = [.. KernelScenes.HandWritten.GetValueOrDefault(name, []).Select(loop => loop + ByHand)];
            var found = itself.Count > 0 ? itself : times.Where(t => loops.Contains(t.Name)).ToList();
            if (found.Count == 0)
                continue;
            double milliseconds = found.Sum(t => t.Milliseconds);
            double runs = itself.Count > 0 ? found.Sum(t => t.Count) : Repeats;
            string? instead = itself.Count > 0 ? null : string.Join(", ", found.Select(t => t.Name[..^ByHand.Length]).Order(StringComparer.Ordinal));
            uses[name] = new KernelUse(Name, runs / Repeats, milliseconds / runs, instead);
        }

        return uses;
    }

    private void RunOnce(Device device)
    {
        using var use = Device.Use(device);
        using var random = RandomSource.Use(new RandomSource(1));
        using var scope = TensorScope.Begin();
        Run(device);
        device.Synchronize();
    }
}
