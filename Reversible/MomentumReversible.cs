using MomentumCore.Engine;
using MomentumCore.Layers;

namespace MomentumCore.Reversible;

/// <summary>
/// All layers of a <see cref="MomentumNet"/> as one recorded operation, (x, v, others, parameters) → (x', v'), that
/// keeps only its last state and inverts the steps in backward. How the state goes forward and back is up to the mode.
/// </summary>
/// <remarks>
/// Keeps the extra inputs, then what the mode keeps. Without a learned velocity there is no input v: it starts from zeros.
/// </remarks>
internal abstract partial class MomentumReversible : Function
{
    private readonly MomentumNet _net;
    private readonly MemoryMode _mode;
    private readonly IReadOnlyList<Module> _functions;
    private readonly Dictionary<Parameter, int> _parameters;
    private readonly bool _hasVelocity;
    private readonly int _gammaCount;
    private readonly int _otherCount;
    private readonly bool _callerRecords = NoGrad.IsRecording;
    private readonly bool _callerIsWatched = NoGrad.IsWatched;
    private readonly RandomSource _randomSource = RandomSource.Current;
    private readonly IReadOnlyDictionary<RandomSource, RandomState>?[] _draws;
    private ModuleState? _state;
    private bool _isConsumed;

    private protected MomentumReversible(Inputs inputs)
    {
        _net = inputs.Net;
        // Of this forward: by the time of backward the network may be in another.
        _mode = _net.Memory;
        _functions = _net.Functions;
        _draws = new IReadOnlyDictionary<RandomSource, RandomState>?[_functions.Count];
        _parameters = inputs.Parameters;
        _hasVelocity = inputs.HasVelocity;
        _gammaCount = inputs.Gammas?.Count ?? 0;
        Rules = inputs.Net.Rules;
        _otherCount = inputs.OtherCount;
    }

    internal override bool ContinuesSums => true;

    /// <summary>As Store on the grid meets them: the parameters in the layers, then the extra inputs from the last on, x and v.</summary>
    internal override int EdgeAt(int place)
    {
        int count = Edges.Length;
        return place < count - FirstOther ? count - 1 - place : place - (count - FirstOther);
    }

    private protected bool IsParameter(int input) => input >= FirstParameter;

    private protected MomentumNet Net => _net;

    private protected bool HasVelocity => _hasVelocity;

    /// <summary>γ and form of each layer, as in forward.</summary>
    private protected IReadOnlyList<MomentumRule> Rules { get; }

    private int FirstOther => _hasVelocity ? 2 : 1;

    /// <summary>Where the learned γ are, if there are any.</summary>
    private int Gammas => FirstOther + _otherCount;

    private int FirstParameter => Gammas + (_gammaCount > 0 ? 1 : 0);

    /// <summary>Starts the way forward. The caller's tensors are not overwritten.</summary>
    private protected abstract ForwardState Begin(Tensor x, Tensor? v);

    /// <summary>Ends the way forward: keeps what the way back needs, and gives the outputs.</summary>
    private protected abstract Tensor[] End(ForwardState state, Tensor x, Tensor? v, Tensor[] others);

    /// <summary>Starts the way back.</summary>
    private protected abstract BackwardState BeginBack();

    /// <summary>The derivative out of recorded operations, to be differentiated again.</summary>
    private protected virtual Tensor?[] DifferentiateRecorded(Tensor?[] outputGradients) => throw new GradientException(
        $"{Name}: has no second derivative; set Memory = MemoryMode.Store, or MemoryMode.Exact, to differentiate twice.");

    /// <summary>What the mode has kept, by its own position.</summary>
    private protected Tensor KeptByMode(int position) => Kept(_otherCount + position);

    protected override Tensor[] Compute(Tensor[] inputs)
    {
        Tensor[] others = inputs[FirstOther..Gammas];
        if (IsRecording)
            _state = ModuleState.Of(_net);
        // Handles of their own: where f captures one of the caller's, it is not taken for its input.
        var x = inputs[0].Detach();
        Tensor[] seen = [.. others.Select(other => other.Detach())];
        var learned = _hasVelocity ? inputs[1] : null;
        using var state = Begin(x, learned);
        RunLayers(state, seen);
        Keep(others);
        _state?.LayersAreDone();
        return End(state, x, learned, seen);
    }

    private void RunLayers(ForwardState state, Tensor[] others)
    {
        using var watch = _callerRecords ? new ForeignWatch(IsKnown) : null;
        int mode = _callerRecords || _callerIsWatched ? NoGrad.SetWatched() : NoGrad.SetLocal(recording: false);
        try
        {
            for (int layer = 0; layer < _functions.Count; layer++)
            {
                var scope = TensorScope.BeginLocal();
                try
                {
                    state.Step(layer, Evaluate(layer, state.X, others, watch), scope);
                }
                finally
                {
                    scope.Dispose();
                }
            }
        }
        finally
        {
            NoGrad.RestoreLocal(mode);
        }
    }

    protected override Tensor?[] Differentiate(Tensor?[] outputGradients)
    {
        if (_isConsumed)
        {
            throw new GradientException(
                $"{Name}: an earlier backward failed on the way and used up what was kept; run forward again.");
        }

        _state!.RequireUnchanged();
        _isConsumed = IsFinalRun;
        using var modes = _state.EnterModes();
        using var buffers = HoldBuffers();
        // The caller of backward may be in another flow, with another current source.
        using var source = Array.TrueForAll(_draws, d => d == null) ? null : RandomSource.Use(_randomSource);
        if (IsCreatingGraph)
            return DifferentiateRecorded(outputGradients);
        using var state = BeginBack();
        return new BackwardPass(this, state, outputGradients).Run();
    }

    /// <summary>While layers are evaluated again: what they move is put back when the result is disposed.</summary>
    private protected BufferGuard? HoldBuffers() => _state?.HoldMovedBuffers();

    /// <summary>f again, with the random numbers of forward, and without moving statistics another time.</summary>
    private protected Tensor EvaluateAgain(int layer, Tensor x, Tensor[] others)
    {
        // Forward has moved the running statistics already.
        using var statistics = BatchStatistics.Freeze();
        // And dropout has drawn its masks.
        using var tape = _draws[layer] is { } starts ? RandomTape.Play(starts) : null;
        return _net.Evaluate(layer, x, others);
    }

    /// <summary>As <see cref="EvaluateAgain"/>, recorded in one record with everything else.</summary>
    private protected Tensor EvaluateConnected(int layer, Tensor x, Tensor[] others)
    {
        long since = LastSequence;
        var f = EvaluateAgain(layer, x, others);
        RequireNothingForeign(layer, f, since, _parameters.Keys.ToHashSet<Tensor>(), [x, .. others]);
        return f;
    }

    /// <summary>The extra inputs, as values alone.</summary>
    private protected Tensor[] Others() => [.. Enumerable.Range(0, _otherCount).Select(i => ValueKept(i).Detach())];

    /// <summary>The extra inputs among all.</summary>
    private protected Tensor[] Others(Tensor[] inputs) => inputs[FirstOther..Gammas];

    /// <summary>All inputs, connected to where they came from, each as a result of its own that nothing else has used.</summary>
    private protected Tensor[] ConnectedInputs(Tensor x, Tensor v)
    {
        var inputs = new Tensor[FirstParameter + _parameters.Count];
        for (int i = 0; i < FirstParameter; i++)
        {
            var value = i == 0 ? x : i < FirstOther ? v : ValueKept(i - FirstOther);
            inputs[i] = GridRun.Same(ConnectedInput(i, value));
        }

        foreach (var (parameter, index) in _parameters)
            inputs[index] = parameter;
        return inputs;
    }

    private Tensor Evaluate(int layer, Tensor x, Tensor[] others, ForeignWatch? watch)
    {
        if (watch == null)
            return _net.Evaluate(layer, x, others);
        Tensor f;
        using (var tape = RandomTape.Record())
        {
            f = _net.Evaluate(layer, x, others);
            _draws[layer] = tape.Starts;
        }

        if (watch.TakeSeen() || (f.RequiresGradient && !IsKnown(f)))
            LookForForeign(layer, x, others);
        return f;
    }

    private bool IsKnown(Tensor tensor) => tensor is Parameter parameter && _parameters.ContainsKey(parameter);

    /// <summary>An unknown tensor was used; evaluated again, recorded, f tells whether it depends on one.</summary>
    private void LookForForeign(int layer, Tensor x, Tensor[] others)
    {
        using var buffers = BufferGuard.Of(BufferGuard.Movable(_functions[layer]));
        int mode = NoGrad.SetLocal(recording: true);
        var scope = TensorScope.BeginLocal();
        try
        {
            // Nothing else that is known here requires a gradient.
            long since = LastSequence;
            RequireNothingForeign(
                layer, EvaluateAgain(layer, x, others), since, _parameters.Keys.ToHashSet<Tensor>());
        }
        finally
        {
            scope.Dispose();
            NoGrad.RestoreLocal(mode);
        }
    }

    private void RequireNothingForeign(
        int layer, Tensor f, long since, IReadOnlySet<Tensor> allowed, params ReadOnlySpan<Tensor> alsoAllowed)
    {
        if (RecordedGraph.DescribeForeignInput(f, since, allowed, alsoAllowed) is not { } foreign)
            return;
        throw new GradientException(
            $"MomentumNet: layer {layer} ({_functions[layer].Name}) uses {foreign} that requires a gradient but is neither " +
            $"its input, an extra input, nor a registered parameter, so MemoryMode.{_mode} cannot give it one. Pass it to " +
            "Call as an extra input, register it as a parameter, Detach() it, or use MemoryMode.Store.");
    }

    /// <summary>What the operation is applied to, in order: x, a learned v, the extra inputs, learned γ, the parameters.</summary>
    private protected sealed record Inputs(
        MomentumNet Net,
        Tensor[] Tensors,
        Dictionary<Parameter, int> Parameters,
        bool HasVelocity,
        int OtherCount,
        Tensor? Gammas)
    {
        public static Inputs Of(MomentumNet net, Tensor x, Tensor? v, Tensor[] others, Tensor? gammas = null)
        {
            var tensors = new List<Tensor> { x };
            if (v != null)
                tensors.Add(v);
            tensors.AddRange(others);
            if (gammas != null)
                tensors.Add(gammas);
            var parameters = new Dictionary<Parameter, int>();
            foreach (var function in net.Functions.Distinct())
            {
                foreach (var parameter in function.Parameters())
                {
                    if (parameter.RequiresGradient && parameters.TryAdd(parameter, tensors.Count))
                        tensors.Add(parameter);
                }
            }

            return new Inputs(net, [.. tensors], parameters, v != null, others.Length, gammas);
        }
    }
}
