using System.Diagnostics;
using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Layers;

namespace MomentumCore.Reversible;

/// <summary>Measures what the momentum networks of a model cost, and what lies outside of them.</summary>
internal sealed class MemoryProbe
{
    private readonly PlannedStep _step;
    private readonly Device _device;
    private readonly Device _apart = new CpuDevice(1);
    private readonly List<(string Name, MomentumNet Network)> _networks;
    private readonly List<PlannedRun> _runs = [];
    private readonly List<long> _live = [];
    private readonly List<long> _liveBackward = [];
    private readonly List<(int Blocks, long Bytes)> _peaks = [];

    public MemoryProbe(PlannedStep step, IReadOnlyList<MemoryMode>? modes)
    {
        _step = step;
        _device = step.Device;
        _networks = TopMost(step.Model);
        if (_networks.Count == 0)
            throw new InvalidOperationException($"MemoryPlan: {step.Model.Name} has no MomentumNet to plan for.");
        var before = _networks.Select(n => (n.Network, n.Network.Memory, n.Network.DriftTolerance)).ToList();
        using var random = RandomSource.Use(new RandomSource(0));
        using var statistics = BatchStatistics.Freeze();
        try
        {
            LookAtRuns();
            foreach (var (network, _, tolerance) in before)
                network.DriftTolerance = tolerance;
            var frugal = _networks.ToDictionary(n => n.Network, n => Allowed(n.Network, modes)[^1]);
            foreach (var (network, mode) in frugal)
                network.Memory = mode;
            RunModel(Hook);
            Blocks = [.. _runs.Select(r => new PlannedBlock(
                r.Name, r.Network, Allowed(r.Network, modes).ToDictionary(m => m, m => Cost(r, m)), MemoryMode.Store))];
            long Kept(int blocks) => Blocks.Take(blocks).Sum(b => b.Costs[frugal[b.Network]].KeptBytes);
            Beside = [.. Blocks.Select((_, i) => Math.Max(_live[i] - Kept(i), _liveBackward[i] - Kept(i + 1)))];
            Outside = [.. _peaks.Select(p => (p.Blocks, p.Bytes - Kept(p.Blocks)))];
        }
        finally
        {
            foreach (var (network, memory, tolerance) in before)
                (network.Memory, network.DriftTolerance) = (memory, tolerance);
            foreach (var run in _runs)
                run.Dispose();
            step.Model.ZeroGradient();
        }
    }

    /// <summary>The networks in the order in which they run, and their costs.</summary>
    public IReadOnlyList<PlannedBlock> Blocks { get; }

    /// <summary>For each block, the bytes outside of all blocks while it runs.</summary>
    public IReadOnlyList<long> Beside { get; }

    /// <summary>Peaks outside of the blocks: how many blocks are kept then, and the bytes besides.</summary>
    public IReadOnlyList<(int Blocks, long Bytes)> Outside { get; }

    private static List<(string Name, MomentumNet Network)> TopMost(Module model)
    {
        var all = model.NamedModules().Where(m => m.Module is MomentumNet).Select(m => (m.Name, (MomentumNet)m.Module)).ToList();
        var inner = all.SelectMany(n => n.Item2.Modules().Where(m => m != n.Item2)).ToHashSet();
        return [.. all.Where(n => !inner.Contains(n.Item2))];
    }

    /// <summary>The modes that a network can run in, the most frugal last.</summary>
    private static List<MemoryMode> Allowed(MomentumNet network, IReadOnlyList<MemoryMode>? modes)
    {
        var allowed = new List<MemoryMode> { MemoryMode.Store };
        if (IsReversible(network) && !network.HasLearnedGamma)
            allowed.Add(MemoryMode.Exact);
        if (IsReversible(network))
            allowed.Add(MemoryMode.Recompute);
        if (modes != null)
            allowed.RemoveAll(m => !modes.Contains(m));
        return allowed.Count > 0
            ? allowed
            : throw new InvalidOperationException(
                $"MemoryPlan: a network with gamma = {network.Gamma} can run in none of the modes given; add MemoryMode.Store.");
    }

    private static bool IsReversible(MomentumNet network) => !network.Gammas.Contains(0);

    /// <summary>Which networks run, in what order, with what; and what the model holds of theirs when they do not.</summary>
    private void LookAtRuns()
    {
        foreach (var (_, network) in _networks)
        {
            network.Memory = IsReversible(network) ? MemoryMode.Recompute : MemoryMode.Store;
            network.DriftTolerance = double.PositiveInfinity;
        }

        RunModel((name, network, hooks) =>
        {
            hooks.Add(network.RegisterForwardPreHook((_, inputs) =>
            {
                if (_runs.Any(r => r.Network == network))
                {
                    throw new InvalidOperationException(
                        $"MemoryPlan: '{name}' runs more than once in a step, and its runs could not have modes of their " +
                        "own; set its Memory by hand.");
                }

                if (_runs.Count > 0)
                    _runs[^1].LookWhatIsHeld();
                _runs.Add(new PlannedRun(name, network, inputs, _apart));
                return null;
            }));
            hooks.Add(network.RegisterForwardHook((_, _, output) =>
            {
                var run = _runs[^1];
                // The network holds its output; it does not hold this copy.
                var copy = output.Clone();
                run.HasGiven(copy);
                hooks.Add(copy.RegisterHook(_ =>
                {
                    run.LookWhatIsHeldInBackward();
                    return null;
                }));
                return copy;
            }));
        });
    }

    private void RunModel(Action<string, MomentumNet, List<IDisposable>> hook)
    {
        using var scope = TensorScope.Begin();
        var hooks = new List<IDisposable>();
        try
        {
            foreach (var (name, network) in _networks)
                hook(name, network, hooks);
            _device.Memory.ResetPeak();
            var y = _step.Forward();
            if (_runs.Count > 0)
                _runs[^1].LookWhatIsHeld();
            _step.Loss(y).Backward();
            Mark(0);
        }
        finally
        {
            foreach (var each in hooks)
                each.Dispose();
            _step.Model.ZeroGradient();
        }
    }

    private void Hook(string name, MomentumNet network, List<IDisposable> hooks)
    {
        if (_live.Count == 0)
            _peaks.Clear();
        hooks.Add(network.RegisterForwardPreHook((_, inputs) =>
        {
            Mark(_live.Count);
            _live.Add(_device.Memory.LiveBytes);
            _liveBackward.Add(0);
            if (inputs[0].RequiresGradient && inputs[0].Producer != null)
                hooks.Add(inputs[0].RegisterHook(ResetOn));
            return null;
        }));
        hooks.Add(network.RegisterForwardHook((_, _, output) =>
        {
            int blocks = _live.Count;
            _device.Memory.ResetPeak();
            hooks.Add(output.RegisterHook(gradient =>
            {
                Mark(blocks);
                // What later layers left in backward. A gradient that the block may overwrite is among its own bytes.
                long own = gradient.OwnsMemoryAlone ? gradient.Storage.Bytes : 0;
                _liveBackward[blocks - 1] = _device.Memory.LiveBytes - own;
                return gradient;
            }));
            return null;
        }));
    }

    private Tensor ResetOn(Tensor gradient)
    {
        _device.Memory.ResetPeak();
        return gradient;
    }

    private void Mark(int blocks) => _peaks.Add((blocks, _device.Memory.PeakBytes));

    private BlockCost Cost(PlannedRun run, MemoryMode mode)
    {
        run.Network.Memory = mode;
        long kept = 0, peak = 0;
        double least = double.PositiveInfinity;
        for (int repeat = 0; repeat < 3; repeat++)
        {
            run.Network.ZeroGradient();
            using var scope = TensorScope.Begin();
            var inputs = run.Inputs(_device);
            long before = _device.Memory.LiveBytes;
            _device.Memory.ResetPeak();
            long start = Stopwatch.GetTimestamp();
            var y = run.Network.Call(inputs[0], inputs[1..]);
            if (run.FreesInput)
                inputs[0].Dispose();
            kept = _device.Memory.LiveBytes - before;
            // It keeps nothing, and gives a gradient that the block may overwrite, as a layer does.
            var weighted = y * 2;
            long withOutput = _device.Memory.LiveBytes;
            // As in a model, where a block's output goes when the next layer has gone backwards.
            if (!run.HoldsOutputToTheEnd)
                y.Dispose();
            if (!run.HoldsOutput)
                kept -= withOutput - _device.Memory.LiveBytes;
            var loss = weighted.Sum();
            weighted.Dispose();
            loss.Backward();
            _device.Synchronize();
            least = Math.Min(least, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            peak = _device.Memory.PeakBytes - before;
            foreach (var input in inputs)
                input.ZeroGradient();
        }

        run.Network.ZeroGradient();
        return new BlockCost(kept, peak, least);
    }
}
