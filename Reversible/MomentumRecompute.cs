using MomentumCore.Engine;
using MomentumCore.Layers;

namespace MomentumCore.Reversible;

/// <summary>
/// All layers of a <see cref="MomentumNet"/> as one recorded operation, (x, v, others, parameters) → (x', v'), that
/// keeps only its last state and inverts the steps in backward.
/// </summary>
/// <remarks>
/// Keeps x', v', the extra inputs and, while drift is watched, x and a learned v. Without a learned velocity there is no
/// input v: it starts from zeros.
/// </remarks>
internal sealed partial class MomentumRecompute : Function
{
    private readonly MomentumNet _net;
    private readonly MomentumRule _rule;
    private readonly IReadOnlyList<Module> _functions;
    private readonly Dictionary<Parameter, int> _parameters;
    private readonly bool _hasVelocity;
    private readonly int _otherCount;
    private readonly bool _watchesDrift;
    private readonly bool _callerRecords = NoGrad.IsRecording;
    private readonly RandomSource _randomSource = RandomSource.Current;
    private readonly IReadOnlyDictionary<RandomSource, RandomState>?[] _draws;
    private ModuleState? _state;
    private bool _isConsumed;

    private MomentumRecompute(MomentumNet net, Dictionary<Parameter, int> parameters, bool hasVelocity, int otherCount)
    {
        _net = net;
        _rule = net.Rule;
        _functions = net.Functions;
        _draws = new IReadOnlyDictionary<RandomSource, RandomState>?[_functions.Count];
        _parameters = parameters;
        _hasVelocity = hasVelocity;
        _otherCount = otherCount;
        _watchesDrift = !double.IsPositiveInfinity(net.DriftTolerance);
    }

    public override string Name => "MomentumNet (Recompute)";

    private int FirstOther => _hasVelocity ? 2 : 1;

    private int FirstParameter => FirstOther + _otherCount;

    /// <summary>Runs all layers.</summary>
    /// <param name="net">Whose layers.</param>
    /// <param name="x">The input.</param>
    /// <param name="v">The learned initial velocity, or null for zeros.</param>
    /// <param name="others">What every f gets besides x.</param>
    public static (Tensor X, Tensor V) Run(MomentumNet net, Tensor x, Tensor? v, Tensor[] others)
    {
        var inputs = new List<Tensor> { x };
        if (v != null)
            inputs.Add(v);
        inputs.AddRange(others);
        int firstParameter = inputs.Count;
        var parameters = new Dictionary<Parameter, int>();
        foreach (var function in net.Functions.Distinct())
        {
            foreach (var parameter in function.Parameters())
            {
                if (parameter.RequiresGradient && parameters.TryAdd(parameter, inputs.Count))
                    inputs.Add(parameter);
            }
        }

        var outputs = new MomentumRecompute(net, parameters, v != null, others.Length).Run([.. inputs]);
        return (outputs[0], outputs[1]);
    }

    protected override Tensor[] Compute(Tensor[] inputs)
    {
        Tensor[] others = inputs[FirstOther..FirstParameter];
        if (IsRecording)
            _state = ModuleState.Of(_net);
        var x = inputs[0];
        var v = _hasVelocity ? inputs[1] : x.ZerosLike();
        for (int layer = 0; layer < _functions.Count; layer++)
        {
            var scope = TensorScope.BeginLocal();
            try
            {
                var f = Evaluate(layer, x, others);
                // The first layer must not overwrite the caller's tensors.
                bool ownsX = layer > 0, ownsV = layer > 0 || !_hasVelocity;
                var (nextX, nextV) = _rule.Step(x, v, f, ownsX, ownsV);
                if (ownsX && !ReferenceEquals(x, nextX))
                    x.Dispose();
                if (ownsV && !ReferenceEquals(v, nextV))
                    v.Dispose();
                (x, v) = (scope.Keep(nextX), scope.Keep(nextV));
            }
            finally
            {
                scope.Dispose();
            }
        }

        Keep(x, v);
        Keep(others);
        if (_watchesDrift)
            Keep(inputs[..FirstOther]);
        _state?.ForgetMovedBuffers();
        return [x, v];
    }

    protected override Tensor?[] Differentiate(Tensor?[] outputGradients)
    {
        if (IsCreatingGraph)
        {
            throw new GradientException(
                $"{Name}: has no second derivative; set Memory = MemoryMode.Store to differentiate twice.");
        }

        if (_isConsumed)
        {
            throw new GradientException(
                $"{Name}: an earlier backward failed on the way and used up what was kept; run forward again.");
        }

        _state!.RequireUnchanged();
        _isConsumed = IsFinalRun;
        using var modes = _state.EnterModes();
        // The caller of backward may be in another flow, with another current source.
        using var source = Array.TrueForAll(_draws, d => d == null) ? null : RandomSource.Use(_randomSource);
        return new BackwardPass(this, outputGradients).Run();
    }

    private Tensor Evaluate(int layer, Tensor x, Tensor[] others)
    {
        if (IsRecording)
        {
            using var tape = RandomTape.Record();
            var f = _net.Evaluate(layer, x, others);
            _draws[layer] = tape.Starts;
            return f;
        }

        return _callerRecords ? EvaluateWatched(layer, x, others) : _net.Evaluate(layer, x, others);
    }

    private Tensor EvaluateWatched(int layer, Tensor x, Tensor[] others)
    {
        // Nothing that is known here requires a gradient. What does so nevertheless was captured by f.
        int mode = NoGrad.SetLocal(recording: true);
        try
        {
            long since = LastSequence;
            var f = _net.Evaluate(layer, x, others);
            RequireNothingForeign(layer, f, since, new HashSet<Tensor>());
            return f;
        }
        finally
        {
            NoGrad.RestoreLocal(mode);
        }
    }

    private void RequireNothingForeign(int layer, Tensor f, long since, IReadOnlySet<Tensor> allowed)
    {
        if (RecordedGraph.DescribeForeignInput(f, since, allowed) is not { } foreign)
            return;
        throw new GradientException(
            $"MomentumNet: layer {layer} ({_functions[layer].Name}) uses {foreign} that requires a gradient but is neither " +
            "its input, an extra input, nor a registered parameter, so MemoryMode.Recompute cannot give it one. Pass it to " +
            "Call as an extra input, register it as a parameter, Detach() it, or use MemoryMode.Store.");
    }
}
