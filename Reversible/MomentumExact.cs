using MomentumCore.Engine;

namespace MomentumCore.Reversible;

/// <summary>The layers in exact arithmetic: keeps x' and w' and the bits that were set aside.</summary>
internal sealed class MomentumExact : MomentumReversible
{
    private readonly ExactArithmetic _arithmetic;
    private readonly SideStore _side;
    private readonly bool _wantsVelocity;
    private readonly bool _isVerified;
    private BitWatch? _watch;
    private Tensor? _w;

    private MomentumExact(Inputs inputs, ExactArithmetic arithmetic, bool wantsVelocity)
        : base(inputs)
    {
        _arithmetic = arithmetic;
        _wantsVelocity = wantsVelocity;
        _isVerified = inputs.Net.Verify;
        _side = new SideStore((inputs.Net.Grid ?? ExactGrid.Default).SideStoreOnHost);
    }

    public override string Name => "MomentumNet (Exact)";

    /// <summary>Runs all layers.</summary>
    /// <param name="net">Whose layers.</param>
    /// <param name="x">The input.</param>
    /// <param name="v">The learned initial velocity, or null for zeros.</param>
    /// <param name="others">What every f gets besides x.</param>
    /// <param name="wantsVelocity">Whether v' is computed too; else it is null.</param>
    public static (Tensor X, Tensor? V) Run(MomentumNet net, Tensor x, Tensor? v, Tensor[] others, bool wantsVelocity)
    {
        var inputs = Inputs.Of(net, x, v, others);
        var outputs = new MomentumExact(inputs, net.Arithmetic(x.DType), wantsVelocity).Run(inputs.Tensors);
        return (outputs[0], wantsVelocity ? outputs[1] : null);
    }

    protected override void OnReleased()
    {
        _w?.Dispose();
        _side.Dispose();
        _watch?.Dispose();
    }

    /// <summary>w after the last layer, and the bits set aside, for tests that disturb them.</summary>
    internal (Tensor W, SideStore Side) Memory => (_w!, _side);

    private protected override ForwardState Begin(Tensor x, Tensor? v)
    {
        var dtype = x.DType;
        if (IsRecording)
        {
            _watch = new BitWatch(
                x, _isVerified ? _arithmetic.Depth : 1, worst => _arithmetic.RequireInRange(worst, dtype));
        }

        return new Forward(this, x, v);
    }

    private protected override Tensor[] End(ForwardState state, Tensor x, Tensor? v, Tensor[] others)
    {
        var last = (Forward)state;
        if (_watch == null)
            _arithmetic.RequireInRange(last.X, last.W);
        else
            _watch.RequireInRange(last.X, last.W);
        Keep(last.X);
        Tensor[] outputs = _wantsVelocity ? [last.X, _arithmetic.Velocity(last.X, last.W)] : [last.X];
        if (IsRecording)
            _w = last.HandOver();
        return outputs;
    }

    private protected override BackwardState BeginBack()
    {
        var lastX = KeptByMode(0);
        bool consume = IsFinalRun;
        var w = consume ? _w! : _w!.Clone();
        var x = consume && lastX.OwnsMemoryAlone ? lastX : lastX.EmptyLike(lastX.Shape);
        var reader = _side.Read(consume);
        _arithmetic.UndoLastPosition(lastX, w, x, reader, _watch);
        if (consume && !ReferenceEquals(x, lastX))
            lastX.Dispose();
        return new Back(this, x, w, reader);
    }

    /// <summary>
    /// Goes back to the input without a derivative, and from there through Store on the same grid, whose record can be
    /// differentiated again. It keeps what Store keeps.
    /// </summary>
    private protected override Tensor?[] DifferentiateRecorded(Tensor?[] outputGradients)
    {
        var (x, v) = Rewind();
        var inputs = ConnectedInputs(x, v);
        // From here on: where a parameter is an input as well, each of the two has its own part.
        long since = LastSequence;
        var (lastX, lastV) = Net.RunStoredOnGrid(
            inputs[0], HasVelocity ? inputs[1] : null, Others(inputs), _wantsVelocity, EvaluateConnected);
        // The caller's input may have been overwritten since forward.
        if (BitWatch.Of(lastX) != BitWatch.Of(KeptByMode(0)))
            throw Lost(null);
        Tensor?[] gradients = [outputGradients[0] ?? lastX.ZerosLike()];
        Tensor[] outputs = [lastX];
        if (_wantsVelocity)
        {
            outputs = [lastX, lastV!];
            gradients = [gradients[0], outputGradients[1] ?? lastV!.ZerosLike()];
        }

        var targets = Enumerable.Range(0, inputs.Length).Where(Needs).ToArray();
        var found = Backpropagation.Run(
            outputs,
            gradients,
            [.. targets.Select(i => inputs[i])],
            createGraph: true,
            retainGraph: true,
            allowUnused: true,
            nested: true,
            sums: [.. targets.Select(i => IsParameter(i) ? SumOf(i) : null)],
            since: since);
        var results = new Tensor?[inputs.Length];
        for (int k = 0; k < targets.Length; k++)
        {
            int i = targets[k];
            results[i] = !IsParameter(i) && SumOf(i) is { } sum ? (found[k] is { } gradient ? sum + gradient : sum) : found[k];
        }

        return results;
    }

    /// <summary>x₀ and v₀, by exact reversal, with everything kept left as it is.</summary>
    private (Tensor X, Tensor V) Rewind()
    {
        int mode = NoGrad.SetLocal(recording: false);
        var scope = TensorScope.BeginLocal();
        try
        {
            var others = Others();
            var reader = _side.Read(consume: false);
            var w = _w!.Clone();
            var x = ValueKept(others.Length).Clone();
            _arithmetic.UndoLastPosition(x, w, x, reader);
            for (int layer = _arithmetic.Depth - 1; layer > 0; layer--)
            {
                var inner = TensorScope.BeginLocal();
                try
                {
                    var f = EvaluateAgain(layer, x.Detach(), others);
                    var own = f.OwnsMemoryAlone ? f : f.Clone();
                    _arithmetic.Undo(layer, x, w, own, reader);
                }
                finally
                {
                    inner.Dispose();
                }
            }

            _arithmetic.UndoFirstVelocity(x, w, EvaluateAgain(0, x.Detach(), others).Clone());
            _watch!.Read();
            if (!_watch.BeganWith(x, w))
                throw Lost(null);
            return (scope.Keep(x), scope.Keep(_arithmetic.FirstVelocity(x, w)));
        }
        finally
        {
            scope.Dispose();
            NoGrad.RestoreLocal(mode);
        }
    }

    private sealed class Forward : ForwardState
    {
        private readonly MomentumExact _owner;
        private Tensor _x;
        private bool _isHandedOver;

        public Forward(MomentumExact owner, Tensor x, Tensor? v)
        {
            _owner = owner;
            (_x, W) = owner._arithmetic.Begin(x, v, owner._watch);
        }

        public override Tensor X => _x;

        public Tensor W { get; }

        public Tensor HandOver()
        {
            _isHandedOver = true;
            return TensorScope.TakeOut(W);
        }

        public override void Step(int layer, Tensor f, TensorScope scope)
        {
            var next = _owner._arithmetic.Step(
                layer, _x, W, f, overwriteX: true, _owner.IsRecording ? _owner._side : null, _owner._watch);
            if (!ReferenceEquals(_x, next))
                _x.Dispose();
            _x = scope.Keep(next);
        }

        public override void Dispose()
        {
            // Forward failed on its way, or nobody will go back.
            if (_isHandedOver)
                return;
            _owner._side.Dispose();
            _owner._watch?.Dispose();
        }
    }

    private sealed class Back(MomentumExact owner, Tensor x, Tensor w, SideStore.Reader side) : BackwardState(x)
    {
        // Its only reader is a learned gamma, which this mode refuses.
        public override Tensor Velocity => throw new NotSupportedException("MomentumNet (Exact): no float velocity.");

        public override Tensor Input(int layer)
        {
            var watch = owner._watch!;
            if (owner._isVerified && watch.ReadsAtOnce && !watch.IsBackAt(layer))
                throw owner.Lost(layer);
            return X;
        }

        public override void UndoWithAdjoint(int layer, Tensor f, Tensor gx, Tensor g, Tensor j) =>
            owner._arithmetic.UndoWithAdjoint(layer, X, w, f, gx, g, j, side, owner._watch);

        public override void Finish(Tensor f)
        {
            var watch = owner._watch!;
            owner._arithmetic.UndoFirstVelocity(X, w, f, watch);
            watch.Read();
            for (int layer = owner._isVerified ? owner._arithmetic.Depth - 1 : -1; layer >= 0; layer--)
            {
                if (!watch.IsBackAt(layer))
                    throw owner.Lost(layer);
            }

            if (!watch.IsBackAt(0) || !watch.IsBackAtVelocity)
                throw owner.Lost(null);
        }
    }

    private ReversalException Lost(int? layer)
    {
        int depth = _arithmetic.Depth;
        string where = layer is { } t
            ? $"the position before layer {t} is not the one that forward had there, so " +
              (t < depth - 1
                  ? $"layer {t + 1} ({Net.Functions[t + 1].Name}), or what was kept for it, is not what it was"
                  : "the output, the velocity or the bits that were kept are not what they were")
            : $"after {depth} layers backwards the state is not the one that forward began with; set Verify = true to have " +
              "the layer named where they part";
        return new ReversalException(
            $"MomentumNet: exact reversal went wrong: {where}. A layer does not give the same output for the same input (a " +
            "random source of its own, state that it changes), or memory was written behind the engine's back. No " +
            "gradient was returned; use MemoryMode.Store if the layer cannot be evaluated again.",
            depth,
            double.NaN,
            0,
            layer);
    }
}
