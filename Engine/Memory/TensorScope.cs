namespace MomentumCore.Engine;

/// <summary>
/// Owns the tensors made while it is open and frees them when it closes, except those that <see cref="Keep{T}"/> hands
/// on.
/// </summary>
/// <remarks>
/// Scopes nest and follow the async flow. Parameters and gradients belong to their module, not to a scope. Without a
/// scope, memory that is not disposed is freed by the garbage collector, later.
/// <code>
/// using var scope = TensorScope.Begin();
/// </code>
/// </remarks>
public sealed class TensorScope : IDisposable
{
    private static readonly AsyncLocal<TensorScope?> Flow = new(FlowChanged);

    // The same as Flow's value on this thread, but cheap to read; kernels of one op push and pop it without the flow.
    [ThreadStatic]
    private static TensorScope? s_current;

    private readonly TensorScope? _parent;
    private readonly TensorScope? _flowBefore;
    private readonly bool _flows;
    private readonly List<Tensor> _tensors = [];
    private bool _closed;

    private TensorScope(TensorScope? parent, bool flows)
    {
        _parent = parent;
        _flows = flows;
        // Not always the parent: that may be a local scope, which the async flow must not carry on.
        _flowBefore = flows ? Flow.Value : null;
    }

    /// <summary>The innermost open scope, or null.</summary>
    public static TensorScope? Current => s_current;

    /// <summary>The tensors that it would free now.</summary>
    public int Count
    {
        get
        {
            lock (_tensors)
                return _tensors.Count(t => t.Scope == this && !t.IsDisposed);
        }
    }

    /// <summary>Opens a scope inside the current one.</summary>
    public static TensorScope Begin()
    {
        var scope = new TensorScope(s_current, flows: true);
        Flow.Value = scope;
        s_current = scope;
        return scope;
    }

    /// <summary>
    /// Hands a tensor on to the enclosing scope (to nobody when there is none: then the caller disposes it).
    /// </summary>
    public T Keep<T>(T tensor)
        where T : Tensor
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.Scope == this)
        {
            tensor.Scope = null;
            Open(_parent)?.Add(tensor);
        }

        return tensor;
    }

    /// <summary>
    /// Takes a tensor out of whatever scope owns it, so that it lives until its new owner disposes it.
    /// </summary>
    public static T TakeOut<T>(T tensor)
        where T : Tensor
    {
        ArgumentNullException.ThrowIfNull(tensor);
        tensor.Scope = null;
        return tensor;
    }

    /// <summary>Frees what the scope owns. Scopes close innermost first.</summary>
    public void Dispose()
    {
        if (_closed)
            return;
        _closed = true;
        // Closed before an inner one, the scope leaves that in place; the inner one then skips it.
        if (s_current == this)
        {
            if (_flows)
                Flow.Value = Open(_flowBefore);
            s_current = Open(_parent);
        }

        lock (_tensors)
        {
            // Newest first: results before what they were made from.
            for (int i = _tensors.Count - 1; i >= 0; i--)
            {
                if (_tensors[i].Scope == this)
                    _tensors[i].Dispose();
            }

            _tensors.Clear();
        }
    }

    /// <summary>
    /// A scope for one synchronous call, which never crosses an await: cheaper than <see cref="Begin"/>.
    /// </summary>
    internal static TensorScope BeginLocal()
    {
        var scope = new TensorScope(s_current, flows: false);
        s_current = scope;
        return scope;
    }

    internal static void Track(Tensor tensor) => s_current?.Add(tensor);

    /// <summary>The scope, or the nearest around it that is still open.</summary>
    private static TensorScope? Open(TensorScope? scope)
    {
        while (scope is { _closed: true })
            scope = scope._parent;
        return scope;
    }

    private static void FlowChanged(AsyncLocalValueChangedArgs<TensorScope?> change)
    {
        if (change.ThreadContextChanged)
            s_current = Open(change.CurrentValue);
    }

    private void Add(Tensor tensor)
    {
        lock (_tensors)
        {
            // Forget handles that were disposed early, so that a long loop inside one scope stays small.
            if (_tensors.Count == _tensors.Capacity && _tensors.Count >= 64)
                _tensors.RemoveAll(t => t.IsDisposed || t.Scope != this);
            tensor.Scope = this;
            _tensors.Add(tensor);
        }
    }
}
