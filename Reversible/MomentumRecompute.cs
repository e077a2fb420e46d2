using MomentumCore.Engine;

namespace MomentumCore.Reversible;

/// <summary>
/// The layers in floats: keeps x', v' and, while drift is watched, x and a learned v; x and v every few layers if asked to.
/// </summary>
internal sealed class MomentumRecompute : MomentumReversible
{
    private readonly bool _watchesDrift;
    private readonly SortedDictionary<int, (Tensor X, Tensor V)> _checkpoints = [];

    // Of x before every layer, if asked for.
    private readonly DriftSketch?[]? _sketches;

    // Of what every layer gave.
    private readonly OutputLook _look;
    private readonly int _turn;
    private OutputWatch? _outputs;

    private MomentumRecompute(Inputs inputs)
        : base(inputs)
    {
        _watchesDrift = !double.IsPositiveInfinity(inputs.Net.DriftTolerance);
        (_look, _turn) = inputs.Net.NextLook(callerRecords: NoGrad.IsRecording);
        _sketches = inputs.Net.Verify ? new DriftSketch?[inputs.Net.Depth] : null;
    }

    public override string Name => "MomentumNet (Recompute)";

    /// <summary>Runs all layers.</summary>
    /// <param name="net">Whose layers.</param>
    /// <param name="x">The input.</param>
    /// <param name="v">The learned initial velocity, or null for zeros.</param>
    /// <param name="others">What every f gets besides x.</param>
    /// <param name="gammas">The learned γ, or null for fixed ones.</param>
    public static (Tensor X, Tensor V) Run(
        MomentumNet net, Tensor x, Tensor? v, Tensor[] others, Tensor? gammas = null)
    {
        var inputs = Inputs.Of(net, x, v, others, gammas);
        var outputs = new MomentumRecompute(inputs).Run(inputs.Tensors);
        return (outputs[0], outputs[1]);
    }

    protected override void OnReleased() => Forget();

    private protected override ForwardState Begin(Tensor x, Tensor? v) =>
        new Forward(this, x, v, IsRecording ? Net.CheckpointEvery : 0);

    private protected override Tensor[] End(ForwardState state, Tensor x, Tensor? v, Tensor[] others)
    {
        var last = (Forward)state;
        if (IsRecording && _watchesDrift && Net.OnDrift == OnDrift.Checkpoint && !Net.HasMeasuredGrowth)
            Settle(last, x, v, others);
        last.Finish();
        Keep(last.X, last.V);
        if (_watchesDrift)
        {
            Keep(x);
            if (v != null)
                Keep(v);
        }

        return [last.X, last.V];
    }

    /// <summary>Goes back once without a derivative to see how drift grows, and keeps states if it grows too much.</summary>
    private void Settle(Forward last, Tensor x, Tensor? v, Tensor[] others)
    {
        using var buffers = HoldBuffers();
        Tensor position = last.X.Clone(), velocity = last.V.Clone();
        MomentumRule.UndoPosition(position, velocity, position);
        using var outputs = WatchOutputs(x);
        for (int layer = Rules.Count - 1; layer > 0; layer--)
        {
            var scope = TensorScope.BeginLocal();
            try
            {
                // A copy, because f may be a view of the position, which is overwritten.
                var f = EvaluateAgain(layer, position.Detach(), others).Clone();
                outputs.Note(layer, f);
                Rules[layer].Undo(position, velocity, f);
            }
            finally
            {
                scope.Dispose();
            }
        }

        using var watch = Watch(x, last.X, last.V);
        watch.AddPosition(position, x);
        double drift = watch.Largest(gamma: 1).Read().Share;
        // The first layer was not evaluated again: its input is at hand.
        if (_outputs != null)
        {
            double[] moved = outputs.Shares(_outputs.Take().Read(), outputs.Take().Read())[1..];
            drift = Math.Max(drift, moved.DefaultIfEmpty(0).Aggregate(Math.Max) / OutputWatch.Tolerances);
        }

        Net.SettleCheckpoints(drift, x.DType == DType.Float32 ? 6e-8 : 1.1e-16);
        position.Dispose();
        velocity.Dispose();
        if (Net.CheckpointEvery == 0)
            return;
        Forget();
        var again = new Forward(this, x, v, Net.CheckpointEvery);
        for (int layer = 0; layer < Rules.Count; layer++)
        {
            var scope = TensorScope.BeginLocal();
            try
            {
                again.Step(layer, EvaluateAgain(layer, again.X, others), scope);
            }
            finally
            {
                scope.Dispose();
            }
        }

        again.Finish();
    }

    private static DriftWatch Watch(Tensor x, Tensor lastX, Tensor lastV)
    {
        var watch = new DriftWatch(x);
        watch.AddSizes(x, lastX, lastV);
        return watch;
    }

    private OutputWatch WatchOutputs(Tensor like) => new(like, Rules.Count, _look, _turn);

    private void Forget()
    {
        _outputs?.Dispose();
        _outputs = null;
        for (int layer = 0; layer < _sketches?.Length; layer++)
        {
            _sketches[layer]?.Dispose();
            _sketches[layer] = null;
        }

        foreach (var (x, v) in _checkpoints.Values)
        {
            x.Dispose();
            v.Dispose();
        }

        _checkpoints.Clear();
    }

    private protected override BackwardState BeginBack()
    {
        var lastX = KeptByMode(0);
        var lastV = KeptByMode(1);
        var watch = _watchesDrift ? Watch(KeptByMode(2), lastX, lastV) : null;
        // What nobody reads after this run is overwritten; a kept value that others see is copied.
        var v = IsFinalRun && lastV.OwnsMemoryAlone ? lastV : lastV.Clone();
        var x = IsFinalRun && lastX.OwnsMemoryAlone ? lastX : lastX.EmptyLike(lastX.Shape);
        MomentumRule.UndoPosition(lastX, v, x);
        if (IsFinalRun && !ReferenceEquals(x, lastX))
            lastX.Dispose();
        return new Back(this, x, v, watch);
    }

    private sealed class Forward(MomentumRecompute owner, Tensor x, Tensor? v, int every) : ForwardState
    {
        private readonly bool _isLearned = v != null;
        private Tensor _x = x;
        private bool _isFinished;

        public override Tensor X => _x;

        public Tensor V { get; private set; } = v ?? x.ZerosLike();

        public void Finish() => _isFinished = true;

        public override void Step(int layer, Tensor f, TensorScope scope)
        {
            bool keeps = every > 0 && layer > 0 && layer % every == 0;
            var before = keeps ? TensorScope.TakeOut(_x.Clone()) : null;
            if (owner is { _sketches: { } sketches, IsRecording: true })
                sketches[layer] = DriftSketch.Of(_x);
            if (owner is { _look: not OutputLook.Nothing, IsRecording: true })
                (owner._outputs ??= owner.WatchOutputs(f)).Note(layer, f);
            // The first layer must not overwrite the caller's tensors.
            bool ownsX = layer > 0, ownsV = layer > 0 || !_isLearned;
            var (nextX, nextV) = owner.Rules[layer].Step(_x, V, f, ownsX, ownsV);
            if (ownsX && !ReferenceEquals(_x, nextX))
                _x.Dispose();
            if (ownsV && !ReferenceEquals(V, nextV))
                V.Dispose();
            (_x, V) = (scope.Keep(nextX), scope.Keep(nextV));
            // As the way back has them where it comes to this layer: x before its step, v after it.
            if (before != null)
                owner._checkpoints[layer] = (before, TensorScope.TakeOut(nextV.Clone()));
        }

        public override void Dispose()
        {
            if (!_isFinished)
                owner.Forget();
        }
    }

    private sealed class Back(MomentumRecompute owner, Tensor x, Tensor v, DriftWatch? watch) : BackwardState(x)
    {
        private readonly IReadOnlyList<MomentumRule> _rules = owner.Rules;
        private readonly OutputWatch? _outputs = owner._outputs == null ? null : owner.WatchOutputs(x);
        private readonly List<DriftSketch> _sketches = [];

        public override Tensor Velocity => v;

        public override Tensor? FirstVelocity =>
            !owner.HasVelocity ? Tensor.Zeros([], v.DType, v.Device)
            : owner._watchesDrift ? owner.KeptByMode(3).Detach()
            : null;

        // The first layer has its true input at hand while drift is watched.
        public override Tensor Input(int layer)
        {
            if (owner._checkpoints.TryGetValue(layer, out var kept))
            {
                watch?.AddPosition(X, kept.X);
                OwnPosition();
                X.CopyFrom(kept.X);
                v.CopyFrom(kept.V);
            }

            // From the last layer to the first.
            if (owner._sketches != null)
                _sketches.Add(DriftSketch.Of(X));
            return layer == 0 && owner._watchesDrift ? owner.KeptByMode(2) : X;
        }

        public override void UndoWithAdjoint(int layer, Tensor f, Tensor gx, Tensor g, Tensor j)
        {
            _outputs?.Note(layer, f);
            _rules[layer].UndoWithAdjoint(X, v, f, gx, g, j, _rules[layer - 1].Rate);
        }

        /// <summary>
        /// Compares where the way back ends with where forward began: the position, and the velocity before its last
        /// division by γ, because no gradient depends on what comes after that.
        /// </summary>
        public override void Finish(Tensor f)
        {
            var net = owner.Net;
            double[]? bounds = Bounds();
            net.LastDriftBounds = bounds;
            if (watch == null)
                return;
            _outputs?.Note(0, f);
            var firstX = owner.KeptByMode(2);
            watch.AddPosition(X, firstX);
            _rules[0].UndoVelocity(firstX, v, f);
            watch.AddVelocity(v, owner.HasVelocity ? owner.KeptByMode(3) : null);
            var moved = watch.Largest(_rules[0].Gamma);
            var outputs = _outputs;
            OutputWatch.Noted? forward = owner._outputs?.Take(), back = outputs?.Take();
            var (shape, dtype) = (X.Shape, X.DType);
            X.WhenRead(() =>
            {
                var (drift, row) = moved.Read();
                var shares = outputs?.Shares(forward!.Read(), back!.Read());
                net.ReportDrift(new Reversal(drift, row, shape, dtype, bounds, shares));
            });
        }

        public override void Dispose()
        {
            watch?.Dispose();
            _outputs?.Dispose();
            foreach (var sketch in _sketches)
                sketch.Dispose();
        }

        /// <summary>How far each layer's input may have been from that of forward; null where it was not asked for.</summary>
        private double[]? Bounds()
        {
            if (owner._sketches is not { } before)
                return null;
            var bounds = new double[before.Length];
            for (int layer = 0; layer < before.Length; layer++)
                bounds[layer] = before[layer]!.BoundTo(_sketches[^(layer + 1)]);
            return bounds;
        }

        private void OwnPosition()
        {
            if (TensorScope.Current is { } scope)
                OwnPosition(scope);
        }
    }
}
