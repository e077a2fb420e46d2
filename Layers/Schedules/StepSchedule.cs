namespace MomentumCore.Layers;

/// <summary>Multiplies the rate by a factor every so many steps: η = η₀ γ^⌊t / period⌋.</summary>
public sealed class StepSchedule : Schedule
{
    private readonly int _period;
    private readonly double _factor;

    /// <summary>A schedule at its step 0.</summary>
    /// <param name="optimizer">Whose rates it sets.</param>
    /// <param name="period">Steps between two changes.</param>
    /// <param name="factor">γ.</param>
    public StepSchedule(Optimizer optimizer, int period, double factor = 0.1)
        : base(optimizer)
    {
        _period = AtLeastOne(period, nameof(period));
        _factor = AtLeastZero(factor, nameof(factor));
        Apply(0);
    }

    /// <inheritdoc/>
    protected internal override double RateAt(int step, double initialRate) =>
        initialRate * Math.Pow(_factor, step / _period);
}
