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

    /// <summary>
    /// The bound that the latest backward in <see cref="MemoryMode.Recompute"/> has for each layer, if <see cref="Verify"/>
    /// was set for its forward: ‖x̂_t − x_t‖ ≤ LastDriftBounds[t] · ‖x_t‖ in the Euclidean norm, with x_t what forward
    /// evaluated layer t at and x̂_t what backward came back to. Null otherwise.
    /// </summary>
    /// <remarks>
    /// <para>Nothing is assumed about the layers. Forward keeps 9 numbers for every 4096 elements of each x_t: Σ x² and the
    /// projections p_r = Σ a_r x onto 8 fixed directions whose coefficients are uniform in [−1, 1). Backward compares:
    /// ‖x̂_t − x_t‖ ≤ 8 √(3/8 Σ_r (p̂_r − p_r)²) + rounding of the sums, except with a chance below 10⁻⁶ for each layer. It is
    /// usually 5 to 12 times what it bounds.</para>
    /// <para>A bound above <see cref="DriftTolerance"/> makes backward throw, naming the layer. Each layer's gradients are
    /// those at x̂_t, within rounding; how much that changes them is up to the second derivative of the layer.</para>
    /// </remarks>
    public IReadOnlyList<double>? LastDriftBounds { get; internal set; }

    /// <summary>The largest of <see cref="LastDriftBounds"/>; null where there are none.</summary>
    public double? LastDriftBound => LastDriftBounds?.DefaultIfEmpty(0).Aggregate(Math.Max);

    /// <summary>Whether the number of layers between checkpoints is settled.</summary>
    internal bool HasMeasuredGrowth { get; private set; } = true;

    /// <summary>What has been measured of drift, for those who run the network on trial and put it back.</summary>
    internal (int Every, bool HasMeasured, double? Drift, IReadOnlyList<double>? Bounds, IReadOnlyList<double>? Outputs, int Runs) DriftRecord
    {
        get => (_checkpointEvery, HasMeasuredGrowth, LastDrift, LastDriftBounds, LastOutputShares, _recordedRuns);
        set => (_checkpointEvery, HasMeasuredGrowth, LastDrift, LastDriftBounds, LastOutputShares, _recordedRuns) = value;
    }

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
