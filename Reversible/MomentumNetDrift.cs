namespace MomentumCore.Reversible;

/// <summary>Keeping drift small by keeping a few states.</summary>
public sealed partial class MomentumNet
{
    private int _checkpointEvery;
    private OnDrift _onDrift;

    /// <summary>
    /// For <see cref="MemoryMode.Recompute"/>: every how many layers x and v are kept, from which backward starts anew; 0, the
    /// default, for none. <see cref="OnDrift.Checkpoint"/> sets it. The drift reported is the largest of all stretches.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public int CheckpointEvery
    {
        get => _checkpointEvery;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _checkpointEvery = value;
            HasMeasuredGrowth = true;
        }
    }

    /// <summary>What <see cref="MemoryMode.Recompute"/> does about drift; it throws unless set.</summary>
    /// <remarks>A change makes the next forward measure how drift grows, if that is wanted.</remarks>
    public OnDrift OnDrift
    {
        get => _onDrift;
        set
        {
            _onDrift = value;
            HasMeasuredGrowth = false;
        }
    }

    /// <summary>Whether the number of layers between checkpoints is settled.</summary>
    internal bool HasMeasuredGrowth { get; private set; } = true;

    /// <summary>
    /// The most layers that stay below the tolerance: drift after t layers is about e g^t, with e the rounding of one step
    /// and g seen over all layers; a quarter of the tolerance is aimed at.
    /// </summary>
    internal void SettleCheckpoints(double drift, double rounding)
    {
        double aim = DriftTolerance / 4;
        if (drift <= aim)
        {
            CheckpointEvery = 0;
            return;
        }

        double growth = double.IsFinite(drift)
            ? Math.Log(drift / rounding) / Depth
            : Rules.Max(r => -Math.Log(r.Gamma));
        CheckpointEvery = Math.Clamp((int)(Math.Log(aim / rounding) / growth), 1, Math.Max(1, Depth - 1));
    }
}
