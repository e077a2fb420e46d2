using System.Runtime.ExceptionServices;
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

    // Whose forward or backward is under way; after a backward that gives its input no gradient, the last one's.
    private MomentumNet? _running;

    public MemoryProbe(PlannedStep step, IReadOnlyList<MemoryMode>? modes)
    {
        _step = step;
        _device = step.Device;
        _networks = TopMost(step.Model);
        if (_networks.Count == 0)
            throw new InvalidOperationException($"MemoryPlan: {step.Model.Name} has no MomentumNet to plan for.");
        List<PlannedBlock> blocks = [];
        Apart(tolerances =>
        {
            try
            {
                LookAtRuns();
                foreach (var (network, tolerance) in tolerances)
                    network.DriftTolerance = tolerance;
                blocks = [.. _runs.Select(r => BlockProbe.Measure(r, _device, modes))];
                RunFrugal(blocks);
            }
            finally
            {
                foreach (var run in _runs)
                    run.Dispose();
                _runs.Clear();
            }
        });
        Blocks = blocks;
        long Kept(int count) => blocks.Take(count).Sum(b => b.Costs[BlockProbe.MostFrugal(b)].KeptBytes);
        Beside = [.. blocks.Select((_, i) => (_live[i] - Kept(i), _liveBackward[i] - Kept(i + 1)))];
        Outside = [.. _peaks.Select(p => (p.Blocks, p.Bytes - Kept(p.Blocks)))];
    }

    /// <summary>The networks in the order in which they run, and their costs.</summary>
    public IReadOnlyList<PlannedBlock> Blocks { get; private set; }

    /// <summary>For each block, the bytes outside of all blocks while it runs.</summary>
    public IReadOnlyList<(long Forward, long Backward)> Beside { get; }

    /// <summary>Peaks outside of the blocks: how many blocks are kept then, and the bytes besides.</summary>
    public IReadOnlyList<(int Blocks, long Bytes)> Outside { get; }

    /// <summary>
    /// The peak of a step with these modes, measured; null where a network cannot run in its mode, which it then is without.
    /// </summary>
    /// <exception cref="InvalidOperationException">It was the network's last mode.</exception>
    public long? PeakOf(IReadOnlyList<MemoryMode> modes)
    {
        long? peak = null;
        Apart(_ =>
        {
            for (int i = 0; i < modes.Count; i++)
                Blocks[i].Network.Memory = modes[i];
            foreach (var network in _step.Model.Modules().OfType<MomentumNet>())
                network.LookAnew();
            if (TryRunModel(NoteWhichRuns) is { } refusal)
                Blocks = [.. Blocks.Select(b => b.Network == refusal.Network ? BlockProbe.Without(b, b.Network.Memory, refusal.Problem) : b)];
            else
                peak = _peaks[^1].Bytes;
        });
        return peak;
    }

    private static List<(string Name, MomentumNet Network)> TopMost(Module model)
    {
        var all = model.NamedModules().Where(m => m.Module is MomentumNet { Depth: > 0 }).Select(m => (m.Name, (MomentumNet)m.Module)).ToList();
        var inner = all.SelectMany(n => n.Item2.Modules().Where(m => m != n.Item2)).ToHashSet();
        return [.. all.Where(n => !inner.Contains(n.Item2))];
    }

    private static bool IsReversible(MomentumNet network) => !network.Gammas.Contains(0);

    /// <summary>Runs trials of the networks, which are then as they were before; hands on their tolerances for drift.</summary>
    private void Apart(Action<IReadOnlyList<(MomentumNet Network, double Tolerance)>> trials)
    {
        // Those inside of others, too, are run.
        var before = _step.Model.Modules().OfType<MomentumNet>().Distinct()
            .Select(n => (Network: n, n.Memory, n.DriftTolerance, n.DriftRecord)).ToList();
        using var random = RandomSource.Use(new RandomSource(0));
        using var statistics = BatchStatistics.Freeze();
        try
        {
            trials([.. before.Select(b => (b.Network, b.DriftTolerance))]);
        }
        finally
        {
            foreach (var (network, memory, tolerance, record) in before)
            {
                (network.Memory, network.DriftTolerance, network.DriftRecord) = (memory, tolerance, record);
                network.RunsWithoutHooks = null;
            }

            _step.Model.ZeroGradient();
        }
    }

    /// <summary>Which networks run, in what order, with what; and what the model holds of theirs when they do not.</summary>
    private void LookAtRuns()
    {
        foreach (var (name, network) in _networks)
        {
            network.RunsWithoutHooks = () => throw new InvalidOperationException(
                $"MemoryPlan: '{name}' runs through ForwardWithVelocity, which cannot be measured; let the model Call it, or " +
                "set its Memory by hand.");
            network.Memory = IsReversible(network) ? MemoryMode.Recompute : MemoryMode.Store;
            network.DriftTolerance = double.PositiveInfinity;
        }

        while (TryRunModel(LookAtRun) is { } refusal)
        {
            if (refusal.Network.Memory == MemoryMode.Store)
                ExceptionDispatchInfo.Throw(refusal.Problem);
            refusal.Network.Memory = MemoryMode.Store;
            foreach (var run in _runs)
                run.Dispose();
            _runs.Clear();
        }
    }

    private void LookAtRun(string name, MomentumNet network, List<IDisposable> hooks)
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
            _running = network;
            return null;
        }));
        hooks.Add(network.RegisterForwardHook((_, _, output) =>
        {
            var run = _runs[^1];
            _running = null;
            // The network holds its output; it does not hold this copy.
            var copy = output.Clone();
            run.HasGiven(copy);
            hooks.Add(copy.RegisterHook(_ =>
            {
                run.LookWhatIsHeldInBackward();
                _running = network;
                return null;
            }));
            return copy;
        }));
    }

    /// <summary>One step with each network in the most frugal mode that it can run in.</summary>
    private void RunFrugal(List<PlannedBlock> blocks)
    {
        while (true)
        {
            _live.Clear();
            _liveBackward.Clear();
            foreach (var block in blocks)
                block.Network.Memory = BlockProbe.MostFrugal(block);
            if (TryRunModel(Hook) is not { } refusal)
                return;
            int index = blocks.FindIndex(b => b.Network == refusal.Network);
            blocks[index] = BlockProbe.Without(blocks[index], refusal.Network.Memory, refusal.Problem);
        }
    }

    private void NoteWhichRuns(string name, MomentumNet network, List<IDisposable> hooks)
    {
        hooks.Add(network.RegisterForwardPreHook((_, _) =>
        {
            _running = network;
            return null;
        }));
        hooks.Add(network.RegisterForwardHook((_, _, output) =>
        {
            _running = null;
            hooks.Add(output.RegisterHook(gradient =>
            {
                _running = network;
                return gradient;
            }));
            return null;
        }));
    }

    /// <summary>Runs a step, or says which network could not run in its mode and why.</summary>
    private (MomentumNet Network, Exception Problem)? TryRunModel(Action<string, MomentumNet, List<IDisposable>> hook)
    {
        _running = null;
        try
        {
            RunModel(hook);
            return null;
        }
        catch (Exception problem) when (_running != null && BlockProbe.IsRefusal(problem))
        {
            BlockProbe.Settle(_device);
            return (_running, problem);
        }
    }

    private void RunModel(Action<string, MomentumNet, List<IDisposable>> hook)
    {
        // The same inputs in every run.
        using var same = RandomSource.Use(new RandomSource(0));
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
            // What a queue has found wrong comes out here.
            _device.Synchronize();
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
            _running = network;
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
            _running = null;
            _device.Memory.ResetPeak();
            hooks.Add(output.RegisterHook(gradient =>
            {
                _running = network;
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
}
