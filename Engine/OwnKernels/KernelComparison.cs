using System.Globalization;
using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Emulator;

namespace MomentumCore.Engine;

/// <summary>Runs one piece of work on every device, twice, in watched memory, and compares.</summary>
internal sealed class KernelComparison
{
    // Two values for memory that nobody wrote: a large number and a NaN.
    private const byte Number = 0x5A;
    private const byte NotANumber = 0xFF;

    /// <summary>Elements up to which the emulator takes part.</summary>
    private const int EmulatedElements = 300;

    private readonly SortedSet<string> _devices = new(StringComparer.Ordinal);
    private readonly double _tolerance;
    private readonly EmulatorDevice? _emulator;

    public KernelComparison(double tolerance)
    {
        _tolerance = tolerance;
        // Before the first kernel runs: named later, it may be too late for views to check.
        var emulator = Device.Emulator;
        _emulator = emulator.Checks ? emulator : null;
    }

    /// <summary>Something to run: on a device, to named results.</summary>
    public delegate List<(string Name, double[] Values)> Work(Device device);

    /// <summary>What could not take part, and why.</summary>
    public IEnumerable<string> Notes => _emulator != null
        ? []
        :
        [
            "The emulator was left out: kernels had run before it was asked for. " +
            "Name Device.Emulator at the program's start.",
        ];

    /// <summary>The devices that ran something.</summary>
    public IReadOnlyList<string> Devices => [.. _devices];

    /// <summary>How often <see cref="Run"/> was called.</summary>
    public int Cases { get; private set; }

    /// <summary>The largest difference between the CPU and another device.</summary>
    public double LargestDifference { get; private set; }

    /// <returns>What the CPU gives.</returns>
    /// <exception cref="KernelCheckException">Something is not as it should be.</exception>
    public List<(string Name, double[] Values)> Run(string what, int elements, bool needsDouble, Work work)
    {
        Cases++;
        var here = RunOn(Device.Cpu, what, work);
        foreach (var device in Others(elements))
        {
            if (needsDouble && !device.ComputesDouble)
                continue;
            var there = RunOn(device, what, work);
            for (int k = 0; k < here.Count; k++)
                Compare(what, device, here[k], there[k]);
        }

        return here;
    }

    /// <summary>Whether all values are the same to the bit, any NaN for another.</summary>
    public static bool AreSame(double[] first, double[] second) =>
        first.AsSpan().SequenceEqual(second, SameBits.Comparer);

    private IEnumerable<Device> Others(int elements) =>
        Device.All.Skip(1).Concat(elements <= EmulatedElements && _emulator != null ? [_emulator] : []);

    private List<(string Name, double[] Values)> RunOn(Device device, string what, Work work)
    {
        _devices.Add(device.Name);
        var first = Watched(device, Number);
        var second = Watched(device, NotANumber, isBackwards: true);
        if (Difference(first, second) is not { } name)
            return first;
        if (device is EmulatorDevice)
        {
            var forwards = Watched(device, NotANumber);
            if (Difference(first, forwards) == null)
            {
                RequireOrderless(what, first, second);
                return first;
            }

            second = forwards;
        }

        string reason = Difference(second, Watched(device, NotANumber)) == null
            ? "depends on memory that it was not given or that nobody wrote: it reads out of bounds, or leaves a part of " +
              "its result unwritten. Run it on Device.Emulator to see the index"
            : "differs from one run to the next: work items race for the same element";
        throw new KernelCheckException($"Kernel.Check: {what}, {device.Name}: {name} {reason}.");

        List<(string Name, double[] Values)> Watched(Device on, byte pattern, bool isBackwards = false)
        {
            using var guards = new GuardZones(on, pattern);
            using var use = Device.Use(on);
            List<(string Name, double[] Values)> results;
            try
            {
                // Only there work items have an order.
                if (on is EmulatorDevice emulator)
                    emulator.RunsBackwards = isBackwards;
                results = work(on);
                on.Synchronize();
            }
            finally
            {
                if (on is EmulatorDevice emulator)
                    emulator.RunsBackwards = false;
            }

            if (guards.Faults is { Count: > 0 } faults)
            {
                throw new KernelCheckException(
                    $"Kernel.Check: {what}, {on.Name}: {faults[0]}. Compare the index with the view's Length first.");
            }

            return results;
        }
    }

    /// <summary>What comes out when the emulator's work items run from the last to the first is the same.</summary>
    private void RequireOrderless(
        string what, List<(string Name, double[] Values)> forwards, List<(string Name, double[] Values)> backwards)
    {
        for (int k = 0; k < forwards.Count; k++)
        {
            double[] first = forwards[k].Values, second = backwards[k].Values;
            for (int i = 0; i < first.Length; i++)
            {
                if (SameBits.Comparer.Equals(first[i], second[i]) || Distance(first[i], second[i]) <= _tolerance)
                    continue;
                throw new KernelCheckException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"Kernel.Check: {what}, emulator: {forwards[k].Name}, element {i}: {first[i]:R} when the work items run " +
                    $"from the first to the last, {second[i]:R} the other way round. ") +
                    "Two work items write one place, or one uses what another one writes, and which of them comes first is " +
                    "open on every device: let one work item write each element (additions by Atomic.Add: pass a tolerance).");
            }
        }
    }

    private static double Distance(double a, double b) =>
        Math.Abs(a - b) / Math.Max(1, Math.Max(Math.Abs(a), Math.Abs(b)));

    private static string? Difference(
        List<(string Name, double[] Values)> first, List<(string Name, double[] Values)> second)
    {
        for (int k = 0; k < first.Count; k++)
        {
            if (!AreSame(first[k].Values, second[k].Values))
                return first[k].Name;
        }

        return null;
    }

    private void Compare(
        string what, Device device, (string Name, double[] Values) here, (string Name, double[] Values) there)
    {
        for (int i = 0; i < here.Values.Length; i++)
        {
            double a = here.Values[i], b = there.Values[i];
            if (SameBits.Comparer.Equals(a, b))
                continue;
            double difference = Distance(a, b);
            if (!(difference <= _tolerance))
            {
                var culture = CultureInfo.InvariantCulture;
                throw new KernelCheckException(string.Create(
                    culture,
                    $"Kernel.Check: {what}: {here.Name}, element {i}: the CPU gives {a:R}, {device.Name} gives {b:R}. ") +
                    "What it may be: a work item uses an element that another one writes; shared or local memory is read " +
                    "before it is written; additions whose order may differ (pass a tolerance); Math.Abs or a division " +
                    "without a result. If it is none of these, the compiler or the driver is wrong: what the emulator " +
                    "gives is what C# says.");
            }

            LargestDifference = Math.Max(LargestDifference, difference);
        }
    }

    /// <summary>Equal to the bit, but one NaN is as good as another.</summary>
    private sealed class SameBits : IEqualityComparer<double>
    {
        public static readonly SameBits Comparer = new();

        public bool Equals(double x, double y) =>
            BitConverter.DoubleToInt64Bits(x) == BitConverter.DoubleToInt64Bits(y)
                || (double.IsNaN(x) && double.IsNaN(y));

        public int GetHashCode(double x) => x.GetHashCode();
    }
}
