namespace MomentumCore.Layers;

/// <summary>Raises the rate in a straight line to its start value, then hands over to another schedule.</summary>
/// <remarks>
/// With n steps of warm-up and start factor a: η = η₀ (a + (1 − a) t / n) while t &lt; n, then the next schedule's rate
/// at t − n (η₀ without one). η₀ is the next schedule's rate at its step 0. Goyal et al. 2017.
/// </remarks>
public sealed class WarmUpSchedule : Schedule
{
    private readonly int _steps;
    private readonly double _startFactor;
    private readonly Schedule? _next;

    /// <summary>A schedule at its step 0, over the optimizer of <paramref name="next"/>.</summary>
    /// <param name="next">What follows. This schedule drives it: do not step it as well.</param>
    /// <param name="steps">n.</param>
    /// <param name="startFactor">a.</param>
    public WarmUpSchedule(Schedule next, int steps, double startFactor = 0.01)
        : this(next?.Optimizer!, steps, startFactor, next)
    {
    }

    /// <summary>A schedule at its step 0; the rate stays when it is warm.</summary>
    /// <param name="optimizer">Whose rates it sets.</param>
    /// <param name="steps">n.</param>
    /// <param name="startFactor">a.</param>
    public WarmUpSchedule(Optimizer optimizer, int steps, double startFactor = 0.01)
        : this(optimizer, steps, startFactor, next: null)
    {
    }

    private WarmUpSchedule(Optimizer optimizer, int steps, double startFactor, Schedule? next)
        : base(optimizer)
    {
        _steps = AtLeastOne(steps, nameof(steps));
        _startFactor = AtLeastZero(startFactor, nameof(startFactor));
        _next = next;
        Apply(0);
    }

    /// <inheritdoc/>
    protected internal override double RateAt(int step, double initialRate)
    {
        double target = _next?.RateAt(Math.Max(0, step - _steps), initialRate) ?? initialRate;
        return step < _steps ? target * (_startFactor + ((1 - _startFactor) * step / _steps)) : target;
    }

    /// <inheritdoc/>
    protected internal override void Apply(int step)
    {
        // The next schedule first: it may set more than rates, and it counts its own steps.
        _next?.JumpTo(Math.Max(0, step - _steps));
        base.Apply(step);
    }
}
