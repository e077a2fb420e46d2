using System.Globalization;
using System.Text;
using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;
using MomentumCore.Layers;

namespace MomentumCore.Reversible;

/// <summary>
/// Chooses a memory mode for each momentum network of a model, so that a training step stays within a budget of tensor
/// bytes and takes as little time as that allows.
/// </summary>
/// <remarks>
/// It measures: one step of the whole model in its most frugal modes for what lies outside of the momentum networks, and
/// each network on its own in every mode; then a step in the modes chosen and one in the most frugal, for their peaks. A
/// mode that a network cannot run in (drift above its tolerance, values beyond the range of its grid, γ = 0) is left out,
/// and the table says why. Random numbers, running statistics and modes are left as they were.
/// <code>
/// var plan = MemoryPlan.For(model, inputShape: [32, 3, 32, 32], budgetBytes: 200_000_000);
/// Console.WriteLine(plan);
/// plan.Apply();
/// </code>
/// </remarks>
public sealed class MemoryPlan
{
    private MemoryPlan(IReadOnlyList<PlannedBlock> blocks, long budget, long peak, long least)
    {
        Blocks = blocks;
        BudgetBytes = budget;
        PredictedPeakBytes = peak;
        LeastPeakBytes = least;
    }

    /// <summary>The momentum networks in the order in which they run.</summary>
    public IReadOnlyList<PlannedBlock> Blocks { get; }

    /// <summary>The most tensor bytes that a step may hold.</summary>
    public long BudgetBytes { get; }

    /// <summary>The most tensor bytes that a step will hold: parameters, gradients and input included.</summary>
    public long PredictedPeakBytes { get; }

    /// <summary>The peak of the most frugal choice: no smaller budget can be kept to.</summary>
    public long LeastPeakBytes { get; }

    /// <summary>The time that the momentum networks will take in a step, in milliseconds.</summary>
    public double PredictedMilliseconds => Blocks.Sum(b => b.Costs[b.Mode].Milliseconds);

    /// <summary>Measures a model and chooses.</summary>
    /// <param name="model">The model; its parameters hold no gradients. Momentum networks inside others stay as they are.</param>
    /// <param name="inputShape">The shape of its input.</param>
    /// <param name="budgetBytes">The most tensor bytes that a training step may hold on the device.</param>
    /// <param name="modes">The modes to choose from where a network can run in them; all when left out.</param>
    /// <param name="dtype">The element type of the input.</param>
    /// <param name="device">Where the model is; the CPU if none.</param>
    /// <param name="otherShapes">The shapes of further inputs that the model is called with.</param>
    /// <param name="loss">The loss of the model's output; mean(y²) when left out.</param>
    /// <exception cref="InvalidOperationException">
    /// Nothing fits the budget, a network can run in none of the modes, the model has no momentum networks, runs one twice
    /// or through <see cref="MomentumNet.ForwardWithVelocity"/>, parameters hold gradients, or none requires one.
    /// </exception>
    public static MemoryPlan For(
        Module model,
        Shape inputShape,
        long budgetBytes,
        IReadOnlyList<MemoryMode>? modes = null,
        DType dtype = DType.Float32,
        Device? device = null,
        IReadOnlyList<Shape>? otherShapes = null,
        Func<Tensor, Tensor>? loss = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(budgetBytes);
        if (model.Parameters().Any(p => p.Gradient != null))
        {
            throw new InvalidOperationException(
                "MemoryPlan: parameters hold gradients, which measuring would overwrite; call ZeroGradient() first.");
        }

        if (!NoGrad.IsRecording || !model.Parameters().Any(p => p.RequiresGradient))
        {
            throw new InvalidOperationException(
                "MemoryPlan: there is no backward to plan for: " + (NoGrad.IsRecording
                    ? $"no parameter of {model.Name} requires a gradient; unfreeze what is to be trained first."
                    : "nothing is recorded here; plan outside of NoGrad."));
        }

        var step = new PlannedStep(
            model, [inputShape, .. otherShapes ?? []], loss ?? (y => y.Square().Mean()), dtype, device ?? Device.Cpu);
        var probe = new MemoryProbe(step, modes);
        var (frugal, least) = Try(probe, choices => choices.MinBy(c => c.Peak)!, long.MaxValue)!.Value;
        // What the blocks need is never more than what they need one by one, so the search may find nothing where this fits.
        var (modesChosen, peak) = Try(probe, choices => choices.MinBy(c => (c.Milliseconds, c.Peak)), budgetBytes)
            ?? (least <= budgetBytes ? (frugal, least) : throw NothingFits(budgetBytes, least));
        return new MemoryPlan(
            [.. probe.Blocks.Select((b, i) => b with { Mode = modesChosen[i] })], budgetBytes, peak, least);
    }

    /// <summary>
    /// The modes that are chosen out of those that fit by what each block needs, and the peak of a step with them; null where
    /// none fit.
    /// </summary>
    private static (MemoryMode[] Modes, long Peak)? Try(
        MemoryProbe probe, Func<IReadOnlyList<PlanSearch.Choice>, PlanSearch.Choice?> choose, long budget)
    {
        while (true)
        {
            var fitting = PlanSearch.Worthwhile([.. probe.Blocks.Select(b => b.Costs)], probe.Beside, probe.Outside, budget);
            if (choose(fitting) is not { } choice)
                return null;
            if (probe.PeakOf(choice.Modes) is not { } peak)
                continue;
            if (peak <= budget)
                return (choice.Modes, peak);
            // The search has to ask for less.
            budget = Math.Min(budget - 1, choice.Peak - 1);
        }
    }

    private static InvalidOperationException NothingFits(long budget, long least) => new(
        $"MemoryPlan: no choice of modes stays within {budget:N0} bytes; the most frugal needs about {least:N0}. Use a smaller " +
        "batch, or a larger budget.");

    /// <summary>Sets the modes chosen.</summary>
    public void Apply()
    {
        foreach (var block in Blocks)
            block.Network.Memory = block.Mode;
    }

    /// <summary>
    /// The costs of every mode as a table, the modes chosen marked, the modes that a network cannot run in with the reason.
    /// </summary>
    public override string ToString()
    {
        var culture = CultureInfo.InvariantCulture;
        var text = new StringBuilder();
        text.AppendLine(culture, $"{"block",-24} {"mode",-12} {"kept",14} {"peak",14} {"ms",10}");
        foreach (var block in Blocks)
        {
            foreach (var (mode, cost) in block.Costs)
            {
                string chosen = mode == block.Mode ? "  <-" : "";
                text.AppendLine(
                    culture,
                    $"{block.Name,-24} {mode,-12} {cost.KeptBytes,14:N0} {cost.PeakBytes,14:N0} {cost.Milliseconds,10:F2}{chosen}");
            }

            foreach (var (mode, reason) in block.LeftOut)
                text.AppendLine(culture, $"{block.Name,-24} {mode,-12} left out: {reason}");
        }

        text.Append(
            culture, $"peak {PredictedPeakBytes:N0} of {BudgetBytes:N0} bytes, {PredictedMilliseconds:F2} ms in these blocks");
        return text.ToString();
    }
}
