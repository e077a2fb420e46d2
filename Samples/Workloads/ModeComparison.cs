using System.Diagnostics;
using MomentumCore.Kernels.Devices;
using MomentumCore.Reversible;

namespace MomentumCore.Samples;

/// <summary>What a training step costs in each memory mode: steps of all modes in turns, so that what else the machine does hits all alike.</summary>
internal static class ModeComparison
{
    private const int WarmUps = 2;

    /// <summary>Prepares a step for each mode, warms them up, and measures them in turns.</summary>
    /// <param name="device">Where they compute.</param>
    /// <param name="prepare">Makes the step of a mode.</param>
    /// <param name="repeats">How many steps of each mode are timed.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    public static IReadOnlyList<ModeCost> Measure(
        Device device, Func<MemoryMode, TrainingStep> prepare, int repeats, CancellationToken cancellation)
    {
        MemoryMode[] modes = [MemoryMode.Store, MemoryMode.Recompute, MemoryMode.Exact];
        var steps = new List<TrainingStep>();
        long[] held = new long[modes.Length], peaks = new long[modes.Length];
        double[][] times = [.. modes.Select(_ => new double[repeats])];
        try
        {
            foreach (var mode in modes)
            {
                long before = device.Memory.LiveBytes;
                steps.Add(prepare(mode));
                for (int i = 0; i < WarmUps; i++)
                {
                    cancellation.ThrowIfCancellationRequested();
                    steps[^1].Run();
                }

                held[steps.Count - 1] = device.Memory.LiveBytes - before;
            }

            for (int round = 0; round < repeats; round++)
            {
                for (int turn = 0; turn < modes.Length; turn++)
                {
                    cancellation.ThrowIfCancellationRequested();
                    // No mode always follows the same other one.
                    int place = round % 2 == 0 ? turn : modes.Length - 1 - turn, mode = (place + round) % modes.Length;
                    long others = device.Memory.LiveBytes - held[mode];
                    device.Memory.ResetPeak();
                    long start = Stopwatch.GetTimestamp();
                    steps[mode].Run();
                    times[mode][round] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                    peaks[mode] = Math.Max(peaks[mode], device.Memory.PeakBytes - others);
                }
            }
        }
        finally
        {
            foreach (var step in steps)
                step.Dispose();
        }

        return
        [
            .. modes.Select((mode, i) => new ModeCost(
                SharedOptions.NameOf(mode), Median(times[i]), times[i].Min(),
                Median([.. times[i].Zip(times[0], (time, store) => time / store)]), peaks[i])),
        ];
    }

    private static double Median(double[] values)
    {
        double[] ordered = [.. values.Order()];
        return (ordered[(ordered.Length - 1) / 2] + ordered[ordered.Length / 2]) / 2;
    }
}
