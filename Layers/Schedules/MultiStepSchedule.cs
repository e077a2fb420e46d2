namespace MomentumCore.Layers;

/// <summary>Multiplies the rate by a factor at each of some milestones: η = η₀ γ^(milestones passed).</summary>
public sealed class MultiStepSchedule : Schedule
{
    private readonly int[] _milestones;
    private readonly double _factor;

    /// <summary>A schedule at its step 0.</summary>
    /// <param name="optimizer">Whose rates it sets.</param>
    /// <param name="milestones">The steps at which the rate changes; one that comes twice counts twice.</param>
    /// <param name="factor">γ.</param>
    public MultiStepSchedule(Optimizer optimizer, IEnumerable<int> milestones, double factor = 0.1)
        : base(optimizer)
    {
        ArgumentNullException.ThrowIfNull(milestones);
        _milestones = [.. milestones];
        _factor = AtLeastZero(factor, nameof(factor));
        Apply(0);
    }

    /// <inheritdoc/>
    protected internal override double RateAt(int step, double initialRate) =>
        initialRate * Math.Pow(_factor, _milestones.Count(m => m <= step));
}
