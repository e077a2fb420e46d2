using System.Globalization;
using MomentumCore.Engine;

namespace MomentumCore.Reversible;

/// <summary>Running the network backwards, and watching how exactly that works.</summary>
public sealed partial class MomentumNet
{
    private const string OtherOutputRemedy =
        "If that layer draws random numbers, draw them from a RandomSource; do not change what it uses between forward and " +
        "backward. Else it is more sensitive than floats are exact, or small features drifted beside large ones. ";

    // Of the runs after the first ones, every so many look at all rows of the outputs, which costs a step of thin layers 10 % and more.
    private const int OutputTurn = 8;
    private const int FirstTurns = 2;

    // As long as the latest were within this share of what is refused: in a few steps little changes so much.
    private const double NearShare = 0.1;

    private double _driftTolerance = 1e-3;
    private int _recordedRuns = -1;

    /// <summary>
    /// How far from its input backward may come back in <see cref="MemoryMode.Recompute"/>, row by row as a share of the
    /// row's largest activation, before it throws; and a quarter of how far the layers' outputs may be from those of forward,
    /// as a share of their size. Every run looks at a few rows of them; the first two, every eighth, all while the latest figures
    /// are above a tenth of what is refused, and all with <see cref="Verify"/>, at all rows. 0.001 unless set. With
    /// <see cref="double.PositiveInfinity"/> nothing is watched and the input is not kept for it.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or NaN.</exception>
    public double DriftTolerance
    {
        get => _driftTolerance;
        set
        {
            if (!(value >= 0))
            {
                throw new ArgumentOutOfRangeException(
                    nameof(value), $"MomentumNet: DriftTolerance must be 0 or more; got {value}.");
            }

            _driftTolerance = value;
        }
    }

    /// <summary>
    /// The drift that the latest backward in <see cref="MemoryMode.Recompute"/> measured: the largest of all rows, as a share
    /// of the row's largest number in input, output and last velocity; null before the first. A row is a vector along the
    /// last axis; with four axes or more, all of one index of the first axis; a tensor of one axis is one row.
    /// </summary>
    /// <remarks>
    /// On a device with a queue it is known, and too large a drift is thrown, when the host next reads from the device.
    /// </remarks>
    public double? LastDrift { get; private set; }

    /// <summary>Runs the layers backwards: from x_T and v_T to x_0 and v_0. It is not recorded.</summary>
    /// <param name="x">x_T, the output of the network.</param>
    /// <param name="v">v_T, as <see cref="ForwardWithVelocity"/> gives it.</param>
    /// <param name="others">The extra inputs that forward was given.</param>
    /// <returns>x_0 and v_0, up to rounding errors, which grow like γ^(−depth).</returns>
    /// <exception cref="InvalidOperationException">γ is 0, or a layer draws random numbers.</exception>
    /// <exception cref="ShapeException">v, or what a layer gives, has not the shape of x.</exception>
    public (Tensor X, Tensor V) Inverse(Tensor x, Tensor v, params Tensor[] others)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(v);
        ArgumentNullException.ThrowIfNull(others);
        MomentumRule.RequireLike(x, v, "the caller of Inverse");
        if (Gammas.Contains(0))
        {
            throw new InvalidOperationException(
                "MomentumNet: with gamma = 0 a step forgets the velocity, so there is no inverse.");
        }

        int mode = NoGrad.SetLocal(recording: false);
        using var statistics = BatchStatistics.Freeze();
        using var buffers = BufferGuard.Of(BufferGuard.Movable(this));
        var scope = TensorScope.BeginLocal();
        try
        {
            var position = x.Clone();
            var velocity = v.Clone();
            if (Depth > 0)
                MomentumRule.UndoPosition(position, velocity, position);
            for (int layer = Depth - 1; layer >= 0; layer--)
                UndoLayer(layer, ref position, velocity, others);
            return (scope.Keep(position), scope.Keep(velocity));
        }
        catch (ObjectDisposedException problem) when (FreedPart is { } freed)
        {
            throw Freed(freed, problem);
        }
        finally
        {
            scope.Dispose();
            NoGrad.RestoreLocal(mode);
        }
    }

    /// <summary>How far the layers' outputs of the latest backward were from those of forward, as shares; for tests.</summary>
    internal IReadOnlyList<double>? LastOutputShares { get; private set; }

    /// <summary>Lets the next run look as closely as the first, which takes the most memory.</summary>
    internal void LookAnew() => _recordedRuns = -1;

    /// <summary>How closely the run that begins looks at the outputs of the layers, and its number.</summary>
    internal (OutputLook Look, int Turn) NextLook(bool callerRecords)
    {
        if (!callerRecords || double.IsPositiveInfinity(DriftTolerance))
            return (OutputLook.Nothing, 0);
        int run = Interlocked.Increment(ref _recordedRuns) & int.MaxValue;
        if (Verify)
            return (OutputLook.EveryElement, run);
        bool looksAtAllRows = run < FirstTurns || run % OutputTurn == 0 || IsNearALimit;
        return (looksAtAllRows ? OutputLook.EveryRow : OutputLook.SomeRows, run);
    }

    // Written so that NaN is near, too.
    private bool IsNearALimit =>
        !(LastDrift is not { } drift || drift <= NearShare * DriftTolerance)
        || LastOutputShares?.All(share => share <= NearShare * OutputWatch.Tolerances * DriftTolerance) == false;

    internal void ReportDrift(Reversal found)
    {
        LastDrift = found.Drift;
        LastOutputShares = found.Outputs ?? LastOutputShares;
        int layer = found.LayerOverBound(DriftTolerance), other = found.LayerOfOtherOutput(DriftTolerance);
        bool drifted = !(found.Drift <= DriftTolerance) || layer >= 0;
        if (!drifted && other < 0)
            return;
        // With checkpoints asked for, the next forward measures anew.
        HasMeasuredGrowth = OnDrift != OnDrift.Checkpoint;
        var culture = CultureInfo.InvariantCulture;
        double growth = Rules.Aggregate(1.0, (product, rule) => product / rule.Gamma);
        string missed = double.IsNaN(found.Drift)
            ? "met values that are not numbers"
            : string.Create(culture, $"missed {found.NameOfRow()} by {found.Drift:G3} of its largest activation");
        if (layer >= 0)
        {
            missed += string.Create(
                culture, $", and the input of layer {layer} by up to {found.Bounds![layer]:G3} of its norm");
        }

        if (other >= 0)
        {
            missed += string.Create(
                culture,
                $", and {NameOf(other)} gave another output in backward than in forward, by about {found.Outputs![other]:G3} of its size");
        }

        string limits = string.Create(
            culture,
            $"the tolerance is {DriftTolerance:G3}. Rounding errors grow by gamma^-depth = {growth:G3}. ");
        throw new ReversalException(
            string.Create(
                culture,
                $"MomentumNet: running {Depth} layers backwards at gamma = {GammaText} in {found.DType} {missed}; ") +
            limits +
            (other < 0 ? string.Empty : OtherOutputRemedy) +
            "Use MemoryMode.Exact or MemoryMode.Store, OnDrift = OnDrift.Checkpoint, a gamma nearer to 1 (1 - c/depth), " +
            "Float64, or raise DriftTolerance if such gradients will do. If the figure is large although gamma^-depth is not, a layer " +
            "does not give the same output for the same input, or the network diverges.",
            Depth,
            found.Drift,
            DriftTolerance,
            // The first of the two on the way back.
            Math.Max(layer, other) is >= 0 and var first ? first : null);
    }

    private void UndoLayer(int layer, ref Tensor position, Tensor velocity, Tensor[] others)
    {
        var scope = TensorScope.BeginLocal();
        try
        {
            var input = position.Detach();
            var f = EvaluateFixed(layer, input, others, nameof(Inverse));
            var values = f.Detach();
            if (layer == 0)
            {
                Rules[0].UndoVelocity(position, velocity, values);
                return;
            }

            // It may be somebody else's: an extra input or a parameter, returned as it is.
            if (f.Scope == scope)
                f.Dispose();
            input.Dispose();
            // It is overwritten, so nobody else may see it: f may be a view of it.
            if (!position.OwnsMemoryAlone)
                position = scope.Keep(position.Clone());
            Rules[layer].Undo(position, velocity, values);
        }
        finally
        {
            scope.Dispose();
        }
    }
}
