using MomentumCore.Kernels.Devices.Emulator;

namespace MomentumCore.Tests.Kernels.Bits;

/// <summary>What the devices made of the launches of one form of a kernel.</summary>
internal sealed class LaunchComparison(KernelLauncher launcher, Device[] others)
{
    /// <summary>Launches of different sizes or scalars that are compared.</summary>
    private const int MostLaunches = 16;

    /// <summary>Work items beyond which the emulator takes too long; groups cost it a change of threads at each barrier.</summary>
    private const int MostItems = 6000;

    private readonly HashSet<string> _seen = [];

    /// <summary>How many launches each device ran.</summary>
    public Dictionary<string, int> Launches { get; } = [];

    /// <summary>Arguments that the kernel writes.</summary>
    public HashSet<int> Written { get; } = [];

    /// <summary>The most elements of a view.</summary>
    public long LargestItems { get; private set; }

    /// <summary>What was not the same.</summary>
    public List<string> Differences { get; } = [];

    /// <summary>Runs a launch on every device: with the numbers that are there, and with hard ones in their place.</summary>
    public void Compare(RecordedLaunch launch, Dictionary<nint, byte[]> memory)
    {
        if (launch.Items == 0 || launch.Items > MostItems || _seen.Count >= MostLaunches || !_seen.Add(launch.Signature))
            return;
        LargestItems = Math.Max(LargestItems, launch.Items);
        Compare(launch, memory, "");
        var hard = Copy(memory);
        var random = new Random(launch.Signature.Length + _seen.Count);
        foreach (nint buffer in launch.Buffers)
        {
            // Whole numbers stay: they may be places.
            foreach (var (_, element, start, length) in launch.Views(buffer).Where(v => v.Element.IsFloating))
                element.Harden(hard[buffer].AsSpan(start, length), random);
        }

        Compare(launch, hard, ", hard numbers");
    }

    private void Compare(RecordedLaunch launch, Dictionary<nint, byte[]> before, string how)
    {
        var expected = Copy(before);
        launch.RunHere(Device.Cpu, expected);
        Ran(Device.Cpu);
        foreach (nint buffer in launch.Buffers)
            Written.UnionWith(launch.Views(buffer).Where(v => !Same(before, expected, buffer, v)).Select(v => v.Argument));
        UniteNaNs(launch, expected);
        foreach (var device in others.Where(d => d.ComputesDouble || !launcher.Kernel.UsesDouble))
        {
            var actual = Copy(before);
            if (device is EmulatorDevice emulator)
                RunInOrder(launch, emulator, actual, isBackwards: how.Length > 0);
            else
                launch.RunThere(device, actual);
            Ran(device);
            UniteNaNs(launch, actual);
            foreach (nint buffer in launch.Buffers)
            {
                int at = expected[buffer].AsSpan().CommonPrefixLength(actual[buffer]);
                if (at == expected[buffer].Length)
                    continue;
                string what = Describe(launch, buffer, at, expected[buffer], actual[buffer]);
                Differences.Add($"{launcher}, {launch.Signature}{how}: {device} {what}");
            }
        }
    }

    /// <summary>With the hard numbers the emulator's work items run from the last to the first: no kernel may care.</summary>
    private static void RunInOrder(
        RecordedLaunch launch, EmulatorDevice emulator, Dictionary<nint, byte[]> memory, bool isBackwards)
    {
        try
        {
            emulator.RunsBackwards = isBackwards;
            launch.RunHere(emulator, memory);
        }
        finally
        {
            emulator.RunsBackwards = false;
        }
    }

    private static bool Same(Dictionary<nint, byte[]> a, Dictionary<nint, byte[]> b, nint buffer, (int, Element, int Start, int Length) view) =>
        a[buffer].AsSpan(view.Start, view.Length).SequenceEqual(b[buffer].AsSpan(view.Start, view.Length));

    private static string Describe(RecordedLaunch launch, nint buffer, int at, byte[] expected, byte[] actual)
    {
        foreach (var (argument, element, start, length) in launch.Views(buffer).Where(v => at >= v.Start && at < v.Start + v.Length))
        {
            int index = (at - start) / element.Size, first = start + (index * element.Size);
            return $"has {element.Show(actual.AsSpan(first, element.Size))} where the CPU has " +
                $"{element.Show(expected.AsSpan(first, element.Size))}: argument {argument}, element {index} of {length / element.Size}";
        }

        return $"and the CPU differ outside of all views, at byte {at} of {expected.Length}";
    }

    private static void UniteNaNs(RecordedLaunch launch, Dictionary<nint, byte[]> memory)
    {
        foreach (nint buffer in launch.Buffers)
        {
            foreach (var (_, element, start, length) in launch.Views(buffer))
                element.UniteNaNs(memory[buffer].AsSpan(start, length));
        }
    }

    private static Dictionary<nint, byte[]> Copy(Dictionary<nint, byte[]> memory) => memory.ToDictionary(m => m.Key, m =>
    {
        byte[] copy = GC.AllocateUninitializedArray<byte>(m.Value.Length, pinned: true);
        m.Value.CopyTo(copy, 0);
        return copy;
    });

    private void Ran(Device device) => Launches[device.Name] = Launches.GetValueOrDefault(device.Name) + 1;
}
