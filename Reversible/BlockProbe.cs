using System.Diagnostics;
using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Reversible;

/// <summary>Measures one momentum network in each mode, on its own, and says why it cannot run in one.</summary>
internal static class BlockProbe
{
    /// <summary>All modes, the most frugal last.</summary>
    public static IReadOnlyList<MemoryMode> Modes { get; } = [MemoryMode.Store, MemoryMode.Exact, MemoryMode.Recompute];

    /// <summary>
    /// Whether a network that threw this cannot run in its mode: its γ, its drift, its range, a tensor that it captures.
    /// </summary>
    public static bool IsRefusal(Exception problem) =>
        problem is ArgumentException or GradientException or GridRangeException
        || (problem is InvalidOperationException and not ObjectDisposedException);

    /// <summary>The costs in the modes that it can run in; the others with the reason.</summary>
    /// <exception cref="InvalidOperationException">It can run in none of them.</exception>
    public static PlannedBlock Measure(PlannedRun run, Device device, IReadOnlyList<MemoryMode>? modes)
    {
        var costs = new Dictionary<MemoryMode, BlockCost>();
        var leftOut = new Dictionary<MemoryMode, string>();
        foreach (var mode in Modes.Where(m => modes == null || modes.Contains(m)))
        {
            try
            {
                costs[mode] = Cost(run, mode, device);
            }
            catch (Exception problem) when (IsRefusal(problem))
            {
                Settle(device);
                leftOut[mode] = ReasonOf(problem);
            }
        }

        var block = new PlannedBlock(run.Name, run.Network, costs, MemoryMode.Store) { LeftOut = leftOut };
        return costs.Count > 0 ? block : throw NothingLeft(block);
    }

    /// <summary>The block without a mode that it turned out not to run in.</summary>
    /// <exception cref="InvalidOperationException">It was the last.</exception>
    public static PlannedBlock Without(PlannedBlock block, MemoryMode mode, Exception problem)
    {
        var left = block with
        {
            Costs = block.Costs.Where(c => c.Key != mode).ToDictionary(),
            LeftOut = block.LeftOut.Append(new(mode, ReasonOf(problem))).ToDictionary(),
        };
        return left.Costs.Count > 0 ? left : throw NothingLeft(left);
    }

    /// <summary>The mode of the least memory that it can run in.</summary>
    public static MemoryMode MostFrugal(PlannedBlock block) => Modes.Last(block.Costs.ContainsKey);

    /// <summary>Lets pass what a run that failed has left for the next read of a device with a queue.</summary>
    public static void Settle(Device device)
    {
        while (true)
        {
            try
            {
                device.Synchronize();
                return;
            }
            catch (Exception problem) when (IsRefusal(problem))
            {
                // Of the same run.
            }
        }
    }

    private static InvalidOperationException NothingLeft(PlannedBlock block) => new(
        $"MemoryPlan: '{block.Name}' can run in none of the modes to choose from" +
        string.Concat(block.LeftOut.Select(l => $"; {l.Key}: {l.Value}")) + ". " +
        (block.LeftOut.ContainsKey(MemoryMode.Store)
            ? "Do what the reasons ask for."
            : "Add MemoryMode.Store to them, or do what the reasons ask for."));

    // The first sentence says what happened.
    private static string ReasonOf(Exception problem)
    {
        string text = problem is ArgumentException { ParamName: { } parameter }
            ? problem.Message.Replace($" (Parameter '{parameter}')", "", StringComparison.Ordinal)
            : problem.Message;
        const string Prefix = "MomentumNet: ";
        if (text.StartsWith(Prefix, StringComparison.Ordinal))
            text = text[Prefix.Length..];
        int end = text.IndexOf(". ", StringComparison.Ordinal);
        return (end < 0 ? text : text[..end]).TrimEnd('.').ReplaceLineEndings(" ");
    }

    private static BlockCost Cost(PlannedRun run, MemoryMode mode, Device device)
    {
        run.Network.Memory = mode;
        foreach (var network in run.Network.Modules().OfType<MomentumNet>())
            network.LookAnew();
        long kept = 0, forward = 0, backward = 0;
        double least = double.PositiveInfinity;
        for (int repeat = 0; repeat < 3; repeat++)
        {
            using var scope = TensorScope.Begin();
            var inputs = run.Inputs(device);
            try
            {
                var (keeps, before, after, milliseconds) = Step(run, inputs, device);
                // Not every run looks at the layers' outputs equally closely.
                (kept, forward, backward) = (Math.Max(kept, keeps), Math.Max(forward, before), Math.Max(backward, after));
                least = Math.Min(least, milliseconds);
            }
            finally
            {
                // Also where a queue tells what was wrong when gradients are there.
                foreach (var input in inputs)
                    input.ZeroGradient();
                run.Network.ZeroGradient();
            }
        }

        return new BlockCost(kept, Math.Max(forward, backward), least)
        {
            ForwardPeakBytes = forward, BackwardPeakBytes = backward,
        };
    }

    private static (long Kept, long Forward, long Backward, double Milliseconds) Step(PlannedRun run, Tensor[] inputs, Device device)
    {
        long before = device.Memory.LiveBytes;
        device.Memory.ResetPeak();
        long start = Stopwatch.GetTimestamp();
        var y = run.Network.Call(inputs[0], inputs[1..]);
        if (run.FreesInput)
            inputs[0].Dispose();
        long kept = device.Memory.LiveBytes - before, forward = device.Memory.PeakBytes - before;
        // It keeps nothing, and gives a gradient that the block may overwrite, as a layer does.
        var weighted = y * 2;
        long withOutput = device.Memory.LiveBytes;
        // As in a model, where a block's output goes when the next layer has gone backwards.
        if (!run.HoldsOutputToTheEnd)
            y.Dispose();
        if (!run.HoldsOutput)
            kept -= withOutput - device.Memory.LiveBytes;
        var loss = weighted.Sum();
        weighted.Dispose();
        device.Memory.ResetPeak();
        loss.Backward();
        // What a queue has found wrong comes out here too.
        device.Synchronize();
        double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return (kept, forward, device.Memory.PeakBytes - before, milliseconds);
    }
}
