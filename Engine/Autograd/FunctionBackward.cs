namespace MomentumCore.Engine;

/// <summary>The second half of an application's life: its backward, its hooks, and how it is freed.</summary>
public abstract partial class Function
{
    /// <summary>
    /// Whether <see cref="Differentiate"/> adds what it finds for leaves to the <see cref="SumOf"/> that other
    /// operations
    /// have left, and returns that: then terms are added in the order in which one record of everything would add them.
    /// </summary>
    internal virtual bool ContinuesSums => false;

    /// <summary>
    /// The input whose gradient is added at this place in the order, which counts where inputs are one tensor: from 0 on,
    /// each input once.
    /// </summary>
    internal virtual int EdgeAt(int place) => place;

    /// <summary>
    /// What has come in so far for an input that is a leaf, or null; where inputs are one leaf, the first by
    /// <see cref="EdgeAt"/> has it.
    /// </summary>
    private protected Tensor? SumOf(int input) => _sums?[input];

    /// <summary>
    /// Runs <see cref="Differentiate"/>. Threads that share a graph take turns here; the first that does not retain it
    /// uses it up for all.
    /// </summary>
    internal Tensor?[] RunBackward(
        Tensor?[] outputGradients, bool createGraph, bool retainGraph, bool isFinal, Tensor?[]? sums = null)
    {
        // Private and made by Record: as good a lock as an object of its own, which every operation would have to make.
        lock (_outputs)
        {
            if (_released || _isSpent)
            {
                throw new GradientException(
                    $"{Name}: backward has run through this operation and freed what it kept; pass retainGraph: true " +
                    "the first time to run it twice.");
            }

            _createGraph = createGraph;
            _isFinalRun = isFinal;
            _sums = sums;
            try
            {
                var gradients = Differentiate(outputGradients);
                if (gradients?.Length != _edges.Length)
                {
                    throw new GradientException(
                        $"{Name}: backward returned {gradients?.Length ?? 0} gradients for {_edges.Length} inputs; " +
                        "return one each, null where none is due.");
                }

                for (int i = 0; i < gradients.Length; i++)
                    RequireFits(i, gradients[i]);
                _isSpent = !retainGraph;
                return gradients;
            }
            finally
            {
                _createGraph = false;
                _isFinalRun = false;
                _sums = null;
            }
        }
    }

    internal GradientHooks HooksOf(int output) =>
        (_hooks ??= new GradientHooks?[_outputs.Length])[output] ??= new GradientHooks();

    internal Tensor RunHooks(int output, Tensor gradient) => _hooks?[output]?.Run(gradient) ?? gradient;

    internal void AddReference() => Interlocked.Increment(ref _references);

    /// <summary>
    /// One output handle or consumer less; with the last, this operation and all that only it needs is freed.
    /// </summary>
    internal void ReleaseReference()
    {
        if (Interlocked.Decrement(ref _references) != 0)
            return;
        // A work list, not recursion: records can be 100,000 operations deep.
        var unused = new Stack<Function>();
        unused.Push(this);
        while (unused.TryPop(out var function))
        {
            function.ReleaseKept();
            var edges = function._edges;
            function._edges = [];
            foreach (var edge in edges)
            {
                if (edge.Node != null && Interlocked.Decrement(ref edge.Node._references) == 0)
                    unused.Push(edge.Node);
            }
        }
    }

    /// <summary>Frees what was kept for backward.</summary>
    internal void ReleaseKept()
    {
        lock (_outputs)
        {
            if (_released)
                return;
            _released = true;
            foreach (var kept in _kept)
                kept.Dispose();
            _kept = [];
        }

        OnReleased();
    }

    /// <summary>Called once when what was kept is freed, for operations that keep more than tensors.</summary>
    protected virtual void OnReleased()
    {
    }

    /// <summary>A gradient is of its input's shape and type, or it would spread wrong numbers from here on.</summary>
    private void RequireFits(int input, Tensor? gradient)
    {
        var edge = _edges[input];
        if (gradient == null || !edge.IsNeeded)
            return;
        // A leaf that was freed in between has no device any more.
        var (shape, dtype, device) = edge.Leaf is { } leaf
            ? (leaf.Shape, leaf.DType, leaf.IsDisposed ? gradient.Device : leaf.Device)
            : edge.Node!._outputs[edge.Index];
        if (gradient.Shape != shape || gradient.DType != dtype || gradient.Device != device)
        {
            throw new GradientException(
                $"{Name}: backward returned a gradient of {gradient.DType} {gradient.Shape} on {gradient.Device.Name} " +
                $"for input {input}, which is {dtype} {shape} on {device.Name}; a gradient is like its input, and a " +
                "module must not change type or device between forward and backward.");
        }
    }
}
