using MomentumCore.Engine;

namespace MomentumCore.Reversible;

/// <summary>The layers in floats: keeps x', v' and, while drift is watched, x and a learned v.</summary>
internal sealed class MomentumRecompute : MomentumReversible
{
    private readonly bool _watchesDrift;

    private MomentumRecompute(Inputs inputs)
        : base(inputs) =>
        _watchesDrift = !double.IsPositiveInfinity(inputs.Net.DriftTolerance);

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

    private protected override ForwardState Begin(Tensor x, Tensor? v) => new Forward(Rules, x, v);

    private protected override Tensor[] End(ForwardState state, Tensor x, Tensor? v)
    {
        var last = (Forward)state;
        Keep(last.X, last.V);
        if (_watchesDrift)
        {
            Keep(x);
            if (v != null)
                Keep(v);
        }

        return [last.X, last.V];
    }

    private protected override BackwardState BeginBack()
    {
        var lastX = KeptByMode(0);
        var lastV = KeptByMode(1);
        DriftWatch.Measured[] scale = _watchesDrift
            ? [DriftWatch.LargestMagnitude(lastX), DriftWatch.LargestMagnitude(KeptByMode(2))]
            : [];
        // What nobody reads after this run is overwritten; a kept value that others see is copied.
        var v = IsFinalRun && lastV.OwnsMemoryAlone ? lastV : lastV.Clone();
        var x = IsFinalRun && lastX.OwnsMemoryAlone ? lastX : lastX.EmptyLike(lastX.Shape);
        MomentumRule.UndoPosition(lastX, v, x);
        if (IsFinalRun && !ReferenceEquals(x, lastX))
            lastX.Dispose();
        return new Back(this, x, v, scale);
    }

    private sealed class Forward(IReadOnlyList<MomentumRule> rules, Tensor x, Tensor? v) : ForwardState
    {
        private readonly bool _isLearned = v != null;
        private Tensor _x = x;

        public override Tensor X => _x;

        public Tensor V { get; private set; } = v ?? x.ZerosLike();

        public override void Step(int layer, Tensor f, TensorScope scope)
        {
            // The first layer must not overwrite the caller's tensors.
            bool ownsX = layer > 0, ownsV = layer > 0 || !_isLearned;
            var (nextX, nextV) = rules[layer].Step(_x, V, f, ownsX, ownsV);
            if (ownsX && !ReferenceEquals(_x, nextX))
                _x.Dispose();
            if (ownsV && !ReferenceEquals(V, nextV))
                V.Dispose();
            (_x, V) = (scope.Keep(nextX), scope.Keep(nextV));
        }
    }

    private sealed class Back(MomentumRecompute owner, Tensor x, Tensor v, DriftWatch.Measured[] scale) : BackwardState(x)
    {
        private readonly IReadOnlyList<MomentumRule> _rules = owner.Rules;

        public override Tensor Velocity => v;

        // The first layer has its true input at hand while drift is watched.
        public override Tensor Input(int layer) => layer == 0 && owner._watchesDrift ? owner.KeptByMode(2) : X;

        public override void UndoWithAdjoint(int layer, Tensor f, Tensor gx, Tensor g, Tensor j) =>
            _rules[layer].UndoWithAdjoint(X, v, f, gx, g, j, _rules[layer - 1].Rate);

        /// <summary>
        /// Compares where the way back ends with where forward began: the position, and the velocity before its last
        /// division by γ, because no gradient depends on what comes after that.
        /// </summary>
        public override void Finish(Tensor f)
        {
            if (!owner._watchesDrift)
                return;
            var firstX = owner.KeptByMode(2);
            var position = DriftWatch.LargestDifference(X, firstX);
            _rules[0].UndoVelocity(firstX, v, f);
            double gamma = _rules[0].Gamma;
            var velocity = owner.HasVelocity
                ? DriftWatch.LargestDifference(v, owner.KeptByMode(3))
                : DriftWatch.LargestMagnitude(v);
            var (net, dtype) = (owner.Net, X.DType);
            foreach (var measured in (DriftWatch.Measured[])[position, velocity, .. scale])
                measured.Keep();
            X.WhenRead(() =>
            {
                double distance = Math.Max(position.Read(), gamma * velocity.Read());
                double size = Math.Max(scale[0].Read(), scale[1].Read());
                net.ReportDrift(distance == 0 ? 0 : distance / size, dtype);
            });
        }
    }
}
