using MomentumCore.Engine;

namespace MomentumCore.Reversible;

/// <summary>The layers in exact arithmetic: keeps x' and w' and the bits that were set aside.</summary>
internal sealed class MomentumExact : MomentumReversible
{
    private readonly ExactArithmetic _arithmetic;
    private readonly SideStore _side;
    private readonly bool _wantsVelocity;
    private Tensor? _w;

    private MomentumExact(Inputs inputs, ExactArithmetic arithmetic, bool wantsVelocity)
        : base(inputs)
    {
        _arithmetic = arithmetic;
        _wantsVelocity = wantsVelocity;
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
    }

    private protected override ForwardState Begin(Tensor x, Tensor? v) => new Forward(this, x, v);

    private protected override Tensor[] End(ForwardState state, Tensor x, Tensor? v)
    {
        var last = (Forward)state;
        _arithmetic.RequireInRange(last.X, last.W);
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
        _arithmetic.UndoLastPosition(lastX, w, x, reader);
        if (consume && !ReferenceEquals(x, lastX))
            lastX.Dispose();
        return new Back(_arithmetic, x, w, reader);
    }

    private sealed class Forward : ForwardState
    {
        private readonly MomentumExact _owner;
        private Tensor _x;
        private bool _isHandedOver;

        public Forward(MomentumExact owner, Tensor x, Tensor? v)
        {
            _owner = owner;
            (_x, W) = owner._arithmetic.Begin(x, v);
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
                layer, _x, W, f, overwriteX: true, _owner.IsRecording ? _owner._side : null);
            if (!ReferenceEquals(_x, next))
                _x.Dispose();
            _x = scope.Keep(next);
        }

        public override void Dispose()
        {
            // Forward failed on its way, or nobody will go back.
            if (!_isHandedOver)
                _owner._side.Dispose();
        }
    }

    private sealed class Back(ExactArithmetic arithmetic, Tensor x, Tensor w, SideStore.Reader side) : BackwardState(x)
    {
        public override void UndoWithAdjoint(int layer, Tensor f, Tensor gx, Tensor g, Tensor j) =>
            arithmetic.UndoWithAdjoint(layer, X, w, f, gx, g, j, side);

        public override void Finish(Tensor f) => arithmetic.UndoFirstVelocity(X, w, f);
    }
}
