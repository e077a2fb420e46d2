namespace MomentumCore.Layers;

/// <summary>Lets the rate fall along half a cosine: η = η_min + (η₀ − η_min) (1 + cos(π t / T)) / 2.</summary>
/// <remarks>
/// After T steps it stays at η_min. (PyTorch's <c>CosineAnnealingLR</c> climbs back to η₀ along the other half of the
/// wave there, so that a training one epoch too long ends at a high rate.) Loshchilov and Hutter 2017, no restarts.
/// </remarks>
public sealed class CosineSchedule : Schedule
{
    private readonly int _steps;
    private readonly double _minimumRate;

    /// <summary>A schedule at its step 0.</summary>
    /// <param name="optimizer">Whose rates it sets.</param>
    /// <param name="steps">T.</param>
    /// <param name="minimumRate">η_min.</param>
    public CosineSchedule(Optimizer optimizer, int steps, double minimumRate = 0)
        : base(optimizer)
    {
        _steps = AtLeastOne(steps, nameof(steps));
        _minimumRate = AtLeastZero(minimumRate, nameof(minimumRate));
        Apply(0);
    }

    /// <inheritdoc/>
    protected internal override double RateAt(int step, double initialRate) =>
        step < _steps
            ? _minimumRate + ((initialRate - _minimumRate) * (1 + Math.Cos(Math.PI * step / _steps)) / 2)
            : _minimumRate;
}
