using System.Diagnostics;

namespace MomentumCore.Engine;

/// <summary>
/// One application of a differentiable function with any number of outputs: computes them, keeps what backward needs,
/// and stands in the record of operations until backward has used it.
/// </summary>
/// <remarks>For a single output derive from <see cref="Op"/>. An instance is used once.</remarks>
public abstract partial class Function
{
    private static long s_sequence;

    private Edge[] _edges = [];
    private List<Tensor>? _keeping;
    private KeptTensor[] _kept = [];
    private (Shape Shape, DType DType, Kernels.Devices.Device Device)[] _outputs = [];
    private GradientHooks?[]? _hooks;
    private bool _used;
    private bool _released;
    private bool _isSpent;
    private bool _createGraph;
    private bool _isFinalRun;
    private Tensor?[]? _sums;
    private int _references;

    /// <summary>The name that errors and reports use.</summary>
    public virtual string Name =>
        GetType().Name is { Length: > 2 } name && name.EndsWith("Op", StringComparison.Ordinal)
            ? name[..^2]
            : GetType().Name;

    /// <summary>False when results never require a gradient.</summary>
    protected virtual bool IsDifferentiable => true;

    /// <summary>Whether this application is being recorded, so that keeping values is of use.</summary>
    protected bool IsRecording { get; private set; }

    /// <summary>A number that grows with every recorded operation: inputs always have smaller ones.</summary>
    internal long Sequence { get; private set; }

    internal static long LastSequence => Interlocked.Read(ref s_sequence);

    internal string? CreationTrace { get; private set; }

    internal ReadOnlySpan<Edge> Edges => _edges;

    internal int OutputCount => _outputs.Length;

    /// <summary>Computes the outputs and records the application when an input requires a gradient.</summary>
    public Tensor[] Run(params Tensor[] inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        if (_used)
            throw new InvalidOperationException(
                $"{Name}: an operation object is applied once; make a new one for each call.");
        _used = true;
        bool record = false;
        for (int i = 0; i < inputs.Length; i++)
        {
            if (inputs[i] == null)
                throw new ArgumentNullException(
                    nameof(inputs), $"{Name}: input {i} is null; an operation needs all its tensors.");
            record |= inputs[i].RequiresGradient;
        }

        record &= IsDifferentiable;
        if (record && !NoGrad.IsRecording)
        {
            record = false;
            if (NoGrad.IsWatched)
                ForeignWatch.See(inputs);
        }

        IsRecording = record;
        Tensor[] outputs;
        int mode = NoGrad.SetLocal(recording: false);
        // Everything made along the way is freed here; only outputs and kept values live on.
        var scope = TensorScope.BeginLocal();
        try
        {
            outputs = Compute(inputs);
            for (int i = 0; i < outputs.Length; i++)
            {
                if (outputs[i] == null)
                    throw new InvalidOperationException($"{Name}: forward returned null; it has to return a tensor.");
                // What was made in here has no history; a tensor that has one is somebody else's and keeps its own.
                if (Array.IndexOf(inputs, outputs[i]) >= 0 || outputs[i].RequiresGradient)
                    outputs[i] = outputs[i].Detach();
                scope.Keep(outputs[i]);
            }

            if (record)
                Record(inputs, outputs);
        }
        finally
        {
            _keeping = null;
            scope.Dispose();
            NoGrad.RestoreLocal(mode);
        }

        return outputs;
    }

    /// <summary>Computes the outputs. Operations called in here are not recorded.</summary>
    protected abstract Tensor[] Compute(Tensor[] inputs);

    /// <summary>
    /// The vector–Jacobian product: from dL/d(outputs), null where nothing flowed, dL/d(inputs), null where none is
    /// due.
    /// </summary>
    protected abstract Tensor?[] Differentiate(Tensor?[] outputGradients);

    /// <summary>
    /// Keeps a tensor for backward. Call it in <see cref="Compute"/>; get it back by position with <see
    /// cref="Kept"/>.
    /// </summary>
    protected void Keep(params ReadOnlySpan<Tensor> tensors)
    {
        if (!IsRecording)
            return;
        _keeping ??= [];
        foreach (var tensor in tensors)
            _keeping.Add(tensor ?? throw new ArgumentNullException(
                nameof(tensors), $"{Name}: cannot keep null for backward."));
    }

    /// <summary>What <see cref="Keep"/> kept, by position. It belongs to the operation: do not dispose it.</summary>
    protected Tensor Kept(int position)
    {
        if ((uint)position >= (uint)_kept.Length)
        {
            throw new ArgumentOutOfRangeException(
                nameof(position), $"{Name}: asks for kept tensor {position}; forward kept {_kept.Length}.");
        }

        var kept = _kept[position];
        var value = kept.Value(this);
        if (!_createGraph)
            return value;
        // For a derivative of the derivative the value has to be connected to where it came from.
        if (kept.InputIndex >= 0)
        {
            var edge = _edges[kept.InputIndex];
            return edge.Leaf ?? (edge.Node == null ? value : Connected(value, edge.Node, edge.Index));
        }

        return kept.OutputIndex >= 0 ? Connected(value, this, kept.OutputIndex) : value;
    }

    /// <summary>What <see cref="Keep"/> kept, as a value without history.</summary>
    private protected Tensor ValueKept(int position) => _kept[position].Value(this);

    /// <summary>A value that an input had, connected to where it came from.</summary>
    private protected Tensor ConnectedInput(int input, Tensor value)
    {
        var edge = _edges[input];
        return edge.Leaf ?? (edge.Node == null ? value : Connected(value, edge.Node, edge.Index));
    }

    /// <summary>Whether the derivative of an input is wanted; skip the work when not.</summary>
    protected bool Needs(int input) => _edges[input].IsNeeded;

    /// <summary>Whether the derivative itself is being recorded, to be differentiated again.</summary>
    protected bool IsCreatingGraph => _createGraph;

    /// <summary>The shape of an output.</summary>
    protected Shape OutputShape(int output) => _outputs[output].Shape;

    internal Shape ShapeOf(int output) => _outputs[output].Shape;

    internal Tensor ZeroGradient(int output) =>
        Tensor.Zeros(_outputs[output].Shape, _outputs[output].DType, _outputs[output].Device);

    /// <summary>
    /// Whether nobody reads the kept values and the output gradients after this run, so that it may overwrite those
    /// whose memory nobody else sees.
    /// </summary>
    private protected bool IsFinalRun => _isFinalRun;

    private static Tensor Connected(Tensor value, Function producer, int index)
    {
        var connected = value.Alias(value.Shape, value.StrideArray, value.Offset);
        connected.SetProducer(producer, index);
        return connected;
    }

    private void Record(Tensor[] inputs, Tensor[] outputs)
    {
        _edges = new Edge[inputs.Length];
        for (int i = 0; i < inputs.Length; i++)
        {
            _edges[i] = Edge.To(inputs[i]);
            _edges[i].Node?.AddReference();
        }

        if (_keeping != null)
        {
            _kept = new KeptTensor[_keeping.Count];
            for (int i = 0; i < _kept.Length; i++)
            {
                var tensor = _keeping[i];
                var alias = tensor.Alias(tensor.Shape, tensor.StrideArray, tensor.Offset, track: false);
                _kept[i] = new KeptTensor(alias, Array.IndexOf(inputs, tensor), Array.IndexOf(outputs, tensor));
            }
        }

        Sequence = Interlocked.Increment(ref s_sequence);
        if (AnomalyMode.IsOn)
            CreationTrace = new StackTrace(1, fNeedFileInfo: true).ToString();
        _outputs = new (Shape, DType, Kernels.Devices.Device)[outputs.Length];
        for (int i = 0; i < outputs.Length; i++)
        {
            _outputs[i] = (outputs[i].Shape, outputs[i].DType, outputs[i].Device);
            if (outputs[i].DType.IsFloat())
                outputs[i].SetProducer(this, i);
        }
    }
}
