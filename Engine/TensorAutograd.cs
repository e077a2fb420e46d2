namespace MomentumCore.Engine;

/// <summary>The part of a tensor that takes part in differentiation.</summary>
public partial class Tensor
{
    private bool _requiresGradient;
    private Tensor? _gradient;

    /// <summary>
    /// Whether backward computes a derivative for this tensor. Set it on leaves (tensors that no operation made);
    /// results
    /// of operations have it when one of their inputs has it.
    /// </summary>
    /// <exception cref="GradientException">Set on the result of an operation, or on a type without
    /// derivatives.</exception>
    public bool RequiresGradient
    {
        get => _requiresGradient || Producer != null;
        set
        {
            if (Producer != null)
            {
                if (value)
                    return;
                throw new GradientException(
                    "This tensor is the result of an operation; use Detach() to get it without history.");
            }

            if (value && !DType.IsFloat())
                throw new GradientException(
                    $"Only Float32 and Float64 tensors have derivatives; this one holds {DType}.");
            _requiresGradient = value;
        }
    }

    /// <summary>True when no recorded operation made this tensor.</summary>
    public bool IsLeaf => Producer == null;

    /// <summary>The derivative that <see cref="Backward"/> has added up for this leaf, or null.</summary>
    /// <remarks>
    /// Several threads may run backward to the same leaf: each derivative is added once, in the order in which they
    /// come, which decides how the sum is rounded.
    /// </remarks>
    public Tensor? Gradient => _gradient;

    /// <summary>The operation that made this tensor, or null for a leaf.</summary>
    internal Function? Producer { get; private set; }

    /// <summary>Which of the producer's outputs this is.</summary>
    internal int OutputIndex { get; private set; }

    /// <summary>Hooks on a leaf; those of a result live at its producer.</summary>
    internal GradientHooks? LeafHooks { get; private set; }

    /// <summary>
    /// Computes the derivative of this tensor with respect to every leaf that requires one and adds it to
    /// <see cref="Gradient"/> there.
    /// </summary>
    /// <param name="outputGradient">dL/d(this), same shape; may be left out for a single element, where it is
    /// 1.</param>
    /// <param name="retainGraph">Keep the record for another backward; by default backward frees what it has
    /// used.</param>
    /// <exception cref="GradientException">There is nothing to differentiate, or this is no scalar and no gradient is
    /// given.</exception>
    public void Backward(Tensor? outputGradient = null, bool retainGraph = false) =>
        Backpropagation.Run(
            [this], [outputGradient], targets: null, createGraph: false, retainGraph, allowUnused: true);

    /// <summary>Forgets the added-up derivative and frees it.</summary>
    public void ZeroGradient() => Interlocked.Exchange(ref _gradient, null)?.Dispose();

    /// <summary>
    /// Calls <paramref name="hook"/> with the derivative of this tensor when backward has computed it.
    /// </summary>
    /// <param name="hook">
    /// May return another tensor to be used in its place, or null. What it is given is freed after use: to keep it,
    /// Clone it.
    /// </param>
    /// <returns>Dispose it to remove the hook.</returns>
    public IDisposable RegisterHook(Func<Tensor, Tensor?> hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        // It will be called again, recorded, and hooks are put on what is recorded then.
        if (NoGrad.IsWatched)
            return GradientHooks.Later;
        if (!RequiresGradient)
            throw new GradientException("This tensor requires no gradient, so a hook on it would never run.");
        var hooks = Producer == null ? LeafHooks ??= new GradientHooks() : Producer.HooksOf(OutputIndex);
        return hooks.Add(hook);
    }

    /// <summary>
    /// Sets the derivative of a leaf, for code that computes it by itself. The tensor takes ownership.
    /// </summary>
    internal void SetGradient(Tensor? gradient)
    {
        if (gradient != null)
            gradient.Scope = null;
        var old = Interlocked.Exchange(ref _gradient, gradient);
        if (!ReferenceEquals(old, gradient))
            old?.Dispose();
    }

    /// <summary>Adds to the derivative of a leaf. The tensor is used up.</summary>
    internal void AddGradient(Tensor gradient)
    {
        // What is there is taken out, added to, and put back: while one thread adds, another finds nothing and puts its
        // own there. No lock is held while a kernel runs.
        for (Tensor? mine = null; mine == null || Interlocked.CompareExchange(ref _gradient, mine, null) != null;)
        {
            if (Interlocked.Exchange(ref _gradient, null) is { } sum)
            {
                sum.AddInPlace(mine ?? gradient);
                (mine ?? gradient).Dispose();
                mine = sum;
            }
            else
            {
                mine ??= gradient.OwnsMemoryAlone ? gradient : gradient.Clone();
                mine.Scope = null;
            }
        }
    }

    internal void SetProducer(Function producer, int outputIndex)
    {
        producer.AddReference();
        Producer = producer;
        OutputIndex = outputIndex;
    }

    private void DisposeAutograd()
    {
        ZeroGradient();
        var producer = Producer;
        Producer = null;
        producer?.ReleaseReference();
    }
}
