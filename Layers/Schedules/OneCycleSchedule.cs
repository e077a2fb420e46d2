namespace MomentumCore.Layers;

/// <summary>The rate rises to its highest, then falls far below its start; momentum does the reverse.</summary>
/// <remarks>
/// η rises from η_max / div to η_max over the first part of the steps and falls to η_max / div / finalDiv over the
/// rest, along half a cosine each. As <c>torch.optim.lr_scheduler.OneCycleLR</c> (two phases); Smith and Topin 2018.
/// </remarks>
public sealed class OneCycleSchedule : Schedule
{
    private readonly int _steps;
    private readonly double _maximumRate;
    private readonly double _riseEnd;
    private readonly double _div;
    private readonly double _finalDiv;
    private readonly (double Low, double High)? _momentum;

    /// <summary>A schedule at its step 0.</summary>
    /// <param name="optimizer">Whose rates it sets.</param>
    /// <param name="maximumRate">η_max.</param>
    /// <param name="steps">All steps of the training, at least 2.</param>
    /// <param name="riseFraction">The part of the steps that rises, in [0, 1].</param>
    /// <param name="div">η_max over the first rate.</param>
    /// <param name="finalDiv">The first rate over the last.</param>
    /// <param name="lowMomentum">The momentum (β₁) at the highest rate.</param>
    /// <param name="highMomentum">The momentum (β₁) at the lowest rate.</param>
    /// <param name="cycleMomentum">Whether to change the momentum at all.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public OneCycleSchedule(
        Optimizer optimizer, double maximumRate, int steps, double riseFraction = 0.3, double div = 25,
        double finalDiv = 1e4,        double lowMomentum = 0.85, double highMomentum = 0.95, bool cycleMomentum = true)
        : base(optimizer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 2);
        if (!(riseFraction is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(riseFraction), riseFraction, "The part that rises must lie in [0, 1].");
        }
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(div);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(finalDiv);
        _maximumRate = AtLeastZero(maximumRate, nameof(maximumRate));
        _steps = steps;
        _riseEnd = (riseFraction * steps) - 1;
        _div = div;
        _finalDiv = finalDiv;
        if (cycleMomentum)
        {
            _momentum = (
                AtLeastZero(lowMomentum, nameof(lowMomentum)), AtLeastZero(highMomentum, nameof(highMomentum)));
        }
        foreach (var group in optimizer.Groups)
            group.InitialLearningRate = _maximumRate / div;
        Apply(0);
    }

    /// <inheritdoc/>
    protected internal override double RateAt(int step, double initialRate)
    {
        double first = _maximumRate / _div;
        return Between(step, first, _maximumRate, first / _finalDiv);
    }

    /// <inheritdoc/>
    protected internal override void Apply(int step)
    {
        if (step > _steps)
        {
            throw new InvalidOperationException(
                $"OneCycleSchedule was made for {_steps} steps, and this would be number {step}; give it the steps " +
                "of the whole training.");
        }

        base.Apply(step);
        if (_momentum is not { } momentum)
            return;
        foreach (var group in Optimizer.Groups)
            group.Momentum = Between(step, momentum.High, momentum.Low, momentum.High);
    }

    /// <summary>
    /// From <paramref name="start"/> to <paramref name="peak"/> while it rises, then to <paramref name="end"/>.
    /// </summary>
    private double Between(int step, double start, double peak, double end)
    {
        if (step <= _riseEnd)
            return Anneal(start, peak, _riseEnd == 0 ? 1 : step / _riseEnd);
        // The call after the last step (t = T) keeps the last rate.
        double fraction = _steps - 1 > _riseEnd ? Math.Min(1, (step - _riseEnd) / (_steps - 1 - _riseEnd)) : 1;
        return Anneal(peak, end, fraction);
    }

    private static double Anneal(double from, double to, double fraction) =>
        to + ((from - to) / 2 * (Math.Cos(Math.PI * fraction) + 1));
}
