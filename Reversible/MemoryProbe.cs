using System.Diagnostics;
using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;
using MomentumCore.Layers;

namespace MomentumCore.Reversible;

/// <summary>Measures what the momentum networks of a model cost, and what lies outside of them.</summary>
internal sealed class MemoryProbe
{
    private readonly Module _model;
    private readonly Device _device;
    private readonly List<(string Name, MomentumNet Network)> _networks;
    private readonly List<(string Name, MomentumNet Network, Shape Shape, Shape[] Others, bool NeedsInput)> _order = [];
    private readonly List<long> _live = [];
    private readonly List<long> _liveBackward = [];
    private readonly List<(int Blocks, long Bytes)> _peaks = [];

    public MemoryProbe(
        Module model, Shape inputShape, DType dtype, Device device, IReadOnlyList<MemoryMode>? modes)
    {
        _model = model;
        _device = device;
        _networks = TopMost(model);
        if (_networks.Count == 0)
            throw new InvalidOperationException($"MemoryPlan: {model.Name} has no MomentumNet to plan for.");
        var before = _networks.Select(n => n.Network.Memory).ToList();
        using var random = RandomSource.Use(new RandomSource(0));
        using var statistics = BatchStatistics.Freeze();
        try
        {
            var frugal = _networks.ToDictionary(n => n.Network, n => Allowed(n.Network, modes)[^1]);
            foreach (var (network, mode) in frugal)
                network.Memory = mode;
            RunModel(inputShape, dtype);
            Blocks = [.. _order.Select(o => new PlannedBlock(
                o.Name, o.Network, Allowed(o.Network, modes).ToDictionary(m => m, m => Cost(o, m, dtype)), MemoryMode.Store))];
            long Kept(int blocks) => Blocks.Take(blocks).Sum(b => b.Costs[frugal[b.Network]].KeptBytes);
            Beside = [.. Blocks.Select((_, i) => Math.Max(_live[i] - Kept(i), _liveBackward[i] - Kept(i + 1)))];
            Outside = [.. _peaks.Select(p => (p.Blocks, p.Bytes - Kept(p.Blocks)))];
        }
        finally
        {
            for (int i = 0; i < before.Count; i++)
                _networks[i].Network.Memory = before[i];
            model.ZeroGradient();
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
        bool isReversible = !network.Gammas.Contains(0);
        var allowed = new List<MemoryMode> { MemoryMode.Store };
        if (isReversible && !network.HasLearnedGamma)
            allowed.Add(MemoryMode.Exact);
        if (isReversible)
            allowed.Add(MemoryMode.Recompute);
        if (modes != null)
            allowed.RemoveAll(m => !modes.Contains(m));
        return allowed.Count > 0
            ? allowed
            : throw new InvalidOperationException(
                $"MemoryPlan: a network with gamma = {network.Gamma} can run in none of the modes given; add MemoryMode.Store.");
    }

    private void RunModel(Shape inputShape, DType dtype)
    {
        using var scope = TensorScope.Begin();
        var hooks = new List<IDisposable>();
        try
        {
            foreach (var (name, network) in _networks)
                Hook(name, network, hooks);
            _device.Memory.ResetPeak();
            var y = _model.Call(Tensor.Randn(inputShape, dtype, _device));
            y.Square().Mean().Backward();
            Mark(0);
        }
        finally
        {
            foreach (var hook in hooks)
                hook.Dispose();
            _model.ZeroGradient();
        }
    }

    private void Hook(string name, MomentumNet network, List<IDisposable> hooks)
    {
        hooks.Add(network.RegisterForwardPreHook((_, inputs) =>
        {
            if (_order.Any(o => o.Network == network))
                throw new InvalidOperationException($"MemoryPlan: '{name}' runs more than once in a step; plan for such models by hand.");
            Mark(_order.Count);
            _order.Add((name, network, inputs[0].Shape, [.. inputs.Skip(1).Select(i => i.Shape)], inputs[0].RequiresGradient));
            _live.Add(_device.Memory.LiveBytes);
            _liveBackward.Add(0);
            if (inputs[0].RequiresGradient && inputs[0].Producer != null)
                hooks.Add(inputs[0].RegisterHook(ResetOn));
            return null;
        }));
        hooks.Add(network.RegisterForwardHook((_, _, output) =>
        {
            int blocks = _order.Count;
            _device.Memory.ResetPeak();
            hooks.Add(output.RegisterHook(gradient =>
            {
                Mark(blocks);
                // What later layers left in backward. The gradient itself is among the block's own bytes.
                _liveBackward[blocks - 1] = _device.Memory.LiveBytes - gradient.Storage.Bytes;
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

    private BlockCost Cost(
        (string Name, MomentumNet Network, Shape Shape, Shape[] Others, bool NeedsInput) block, MemoryMode mode, DType dtype)
    {
        block.Network.Memory = mode;
        long kept = 0, peak = 0;
        double least = double.PositiveInfinity;
        for (int run = 0; run < 3; run++)
        {
            block.Network.ZeroGradient();
            using var scope = TensorScope.Begin();
            var x = Tensor.Randn(block.Shape, dtype, _device);
            x.RequiresGradient = block.NeedsInput;
            Tensor[] others = [.. block.Others.Select(s => Tensor.Randn(s, dtype, _device))];
            // A gradient of its own that the block may overwrite, as from a layer that comes after it.
            var weights = Tensor.Ones(block.Shape, dtype, _device);
            long before = _device.Memory.LiveBytes;
            _device.Memory.ResetPeak();
            long start = Stopwatch.GetTimestamp();
            var y = block.Network.Call(x, others);
            kept = _device.Memory.LiveBytes - before;
            var weighted = y * weights;
            // As in a model, where a block's output goes when the next layer has gone backwards.
            y.Dispose();
            var loss = weighted.Sum();
            weighted.Dispose();
            loss.Backward();
            _device.Synchronize();
            least = Math.Min(least, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            peak = _device.Memory.PeakBytes - before;
        }

        block.Network.ZeroGradient();
        return new BlockCost(kept, peak, least);
    }
}
