using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>Functions that run before and after a module's forward, and in its backward.</summary>
public abstract partial class Module
{
    // Arrays that are replaced, not changed, so that a call in one thread is not upset by registration in another.
    private Func<Module, Tensor[], Tensor[]?>[] _preHooks = [];
    private Func<Module, Tensor[], Tensor, Tensor?>[] _hooks = [];
    private Func<Module, Tensor?[], Tensor, Tensor?[]?>[] _backwardHooks = [];

    /// <summary>The full backward hooks that a forward would take; another list when they change.</summary>
    internal IReadOnlyList<Delegate> BackwardHooks => _backwardHooks;

    private bool HasHooks => _preHooks.Length + _hooks.Length + _backwardHooks.Length > 0;

    /// <summary>Runs a function on the inputs before every forward.</summary>
    /// <param name="hook">From module and inputs to other inputs, or null to leave them.</param>
    /// <returns>Dispose it to remove the hook.</returns>
    public IDisposable RegisterForwardPreHook(Func<Module, Tensor[], Tensor[]?> hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        Func<Module, Tensor[], Tensor[]?> entry = (module, inputs) => hook(module, inputs);
        _preHooks = [.. _preHooks, entry];
        return new Removal(() => _preHooks = Without(_preHooks, entry));
    }

    /// <summary>Runs a function on the output of every forward.</summary>
    /// <param name="hook">
    /// From module, inputs and output to another output, or null to leave it. Tensors made in it are freed with the
    /// call; hand one out with <see cref="TensorScope.TakeOut{T}"/>.
    /// </param>
    /// <returns>Dispose it to remove the hook.</returns>
    public IDisposable RegisterForwardHook(Func<Module, Tensor[], Tensor, Tensor?> hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        Func<Module, Tensor[], Tensor, Tensor?> entry = (module, inputs, output) => hook(module, inputs, output);
        _hooks = [.. _hooks, entry];
        return new Removal(() => _hooks = Without(_hooks, entry));
    }

    /// <summary>Runs a function in backward when the derivatives for the module's inputs are complete.</summary>
    /// <param name="hook">
    /// From module, dL/d(inputs) (null where none is due) and dL/d(output) to other dL/d(inputs), or null to leave
    /// them. When no input requires a gradient it runs as soon as dL/d(output) is known, and what it returns is not
    /// used.
    /// </param>
    /// <returns>Dispose it to remove the hook. It holds for forwards that are yet to come.</returns>
    public IDisposable RegisterFullBackwardHook(Func<Module, Tensor?[], Tensor, Tensor?[]?> hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        Func<Module, Tensor?[], Tensor, Tensor?[]?> entry = (module, inputs, output) => hook(module, inputs, output);
        _backwardHooks = [.. _backwardHooks, entry];
        return new Removal(() => _backwardHooks = Without(_backwardHooks, entry));
    }

    private static T[] Without<T>(T[] hooks, T entry)
        where T : Delegate =>
        [.. hooks.Where(h => !ReferenceEquals(h, entry))];

    private Tensor CallWithHooks(Tensor x, Tensor[] others)
    {
        Tensor[] inputs = [x, .. others];
        foreach (var hook in _preHooks)
        {
            inputs = hook(this, inputs) ?? inputs;
            if (inputs.Length == 0 || Array.IndexOf(inputs, null) >= 0)
                throw new InvalidOperationException(
                    $"{Name}: a pre-hook returned no input, or null for one; return null to keep all.");
        }

        var watch = _backwardHooks.Length > 0 && NoGrad.IsRecording ? new BackwardWatch(this, _backwardHooks) : null;
        if (watch != null)
            inputs = watch.Enter(inputs);
        var output = Forward(inputs[0], inputs[1..]);
        if (watch != null)
            output = watch.Leave(output);
        foreach (var hook in _hooks)
            output = hook(this, inputs, output) ?? output;
        return output;
    }

    private sealed class Removal(Action remove) : IDisposable
    {
        private Action? _remove = remove;

        public void Dispose() => Interlocked.Exchange(ref _remove, null)?.Invoke();
    }
}
