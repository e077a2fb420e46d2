using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;
using MomentumCore.Reversible;

namespace MomentumCore.Samples;

/// <summary>A memory plan of a model, and what a step then really holds: as a table and as JSON.</summary>
/// <param name="Model">Which model.</param>
/// <param name="Depth">Its depth.</param>
/// <param name="DeviceName">Where it was measured.</param>
/// <param name="Plan">The plan.</param>
/// <param name="MeasuredPeakBytes">The peak of a step in the modes chosen.</param>
internal sealed record BlockPlan(string Model, int Depth, string DeviceName, MemoryPlan Plan, long MeasuredPeakBytes)
{
    /// <summary>The models that can be planned for.</summary>
    public static IReadOnlyList<ModelCase> Cases { get; } =
    [
        ModelWorkloads.ResNet18, ModelWorkloads.Transformer512, ModelWorkloads.NarrowResNet,
        ModelWorkloads.NarrowTransformer,
    ];

    /// <summary>Plans, sets the modes, and measures a step.</summary>
    /// <exception cref="InvalidOperationException">Nothing fits the budget.</exception>
    public static BlockPlan Make(ModelCase model, int depth, Device device, long budget, ulong seed)
    {
        using var random = RandomSource.Use(new RandomSource(seed));
        using var parts = model.Make(depth, MemoryMode.Store, device);
        var plan = MemoryPlan.For(
            parts.Network, parts.Input, budget, device: device,
            otherShapes: parts.Second is { } second ? [second] : null, loss: parts.Loss);
        plan.Apply();
        using var scope = TensorScope.Begin();
        device.Memory.ResetPeak();
        var input = Tensor.Randn(parts.Input, device: device);
        Tensor[] others = parts.Second is { } shape ? [Tensor.Randn(shape, device: device)] : [];
        parts.Loss(parts.Network.Call(input, others)).Backward();
        device.Synchronize();
        return new BlockPlan(model.Name, depth, device.Name, plan, device.Memory.PeakBytes);
    }

    /// <summary>
    /// Shows the table: what each mode of each block costs, the modes chosen marked; and why modes are left out.
    /// </summary>
    public void Show(AppHost host)
    {
        host.ShowTable(
            "Each block in each mode, forward and backward; the modes chosen are marked:",
            ["Block", "Mode", "Chosen", "Kept", "Peak", "Time"],
            Plan.Blocks.SelectMany(block => Enum.GetValues<MemoryMode>()
                .Where(mode => block.Costs.ContainsKey(mode) || block.LeftOut.ContainsKey(mode))
                .Select((mode, i) => Row(block, mode, i == 0))),
            leftColumns: 3);
        foreach (var block in Plan.Blocks)
        {
            foreach (var (mode, reason) in block.LeftOut)
                host.Say($"{block.Name} cannot run in {SharedOptions.NameOf(mode)}: {reason}.");
        }
    }

    /// <summary>What `--json` prints.</summary>
    public object ToJson() => new
    {
        Model,
        Depth,
        Device = DeviceName,
        BudgetBytes = Plan.BudgetBytes == long.MaxValue ? (long?)null : Plan.BudgetBytes,
        Plan.LeastPeakBytes,
        Plan.PredictedPeakBytes,
        MeasuredPeakBytes,
        PredictedMs = Plan.PredictedMilliseconds,
        Blocks = Plan.Blocks.Select(block => new
        {
            block.Name,
            Layers = block.Network.Depth,
            Mode = SharedOptions.NameOf(block.Mode),
            Costs = block.Costs.OrderBy(c => c.Key).ToDictionary(c => SharedOptions.NameOf(c.Key), c => c.Value),
            LeftOut = block.LeftOut.ToDictionary(l => SharedOptions.NameOf(l.Key), l => l.Value),
        }),
    };

    private static string[] Row(PlannedBlock block, MemoryMode mode, bool isFirst)
    {
        string name = isFirst ? block.Name : "";
        return block.Costs.TryGetValue(mode, out var cost)
            ?
            [
                name, SharedOptions.NameOf(mode), mode == block.Mode ? "<-" : "", Quantity.Bytes(cost.KeptBytes),
                Quantity.Bytes(cost.PeakBytes), Quantity.Milliseconds(cost.Milliseconds),
            ]
            : [name, SharedOptions.NameOf(mode), "left out", "", "", ""];
    }
}
