using MomentumCore.Engine;
using MomentumCore.Layers;

namespace MomentumCore.Reversible;

/// <summary>
/// What the layers' outputs depend on besides their inputs, as it was in forward, so that backward can tell that
/// evaluating a layer again would give something else.
/// </summary>
internal sealed class ModuleState
{
    private readonly List<Held> _parameters = [];
    private readonly List<Held> _buffers = [];
    private readonly List<string> _movedInForward = [];
    private readonly List<(Module Module, bool IsTraining)> _modes = [];
    private readonly List<(Module Module, IReadOnlyList<Delegate> Hooks)> _hooks = [];
    private readonly HashSet<Tensor> _movable = [];
    private readonly List<Tensor> _moved = [];

    private ModuleState()
    {
    }

    /// <summary>
    /// Takes note of the state of a network's layers before they run. What its initial velocity alone uses is not looked at:
    /// that is an operation of its own, which is not evaluated again, and its statistics move with every forward.
    /// </summary>
    public static ModuleState Of(MomentumNet net)
    {
        var state = new ModuleState();
        var layers = net.Functions.Distinct().ToList();
        HashSet<Tensor> used = [.. layers.SelectMany(f => f.Parameters()), .. layers.SelectMany(f => f.Buffers())];
        foreach (var (name, parameter) in net.NamedParameters().Where(p => used.Contains(p.Parameter)))
        {
            state._parameters.Add(
                new Held(name, parameter, parameter.Storage, parameter.Version, parameter.RequiresGradient));
        }

        foreach (var (name, buffer) in net.NamedBuffers().Where(b => used.Contains(b.Buffer)))
            state._buffers.Add(new Held(name, buffer, buffer.Storage, buffer.Version, false));
        foreach (var part in layers.SelectMany(f => f.Modules()).Distinct())
        {
            state._modes.Add((part, part.IsTraining));
            state._hooks.Add((part, part.BackwardHooks));
        }

        foreach (var layer in layers)
            state._movable.UnionWith(BufferGuard.Movable(layer));
        return state;
    }

    /// <summary>
    /// Called after forward: buffers that forward itself has moved are running statistics. They follow every forward, so
    /// they are not expected to stay (in training mode the output does not depend on them). A parameter that it has moved
    /// is remembered for the error.
    /// </summary>
    public void LayersAreDone()
    {
        foreach (var held in _buffers)
        {
            if (!held.IsUnchanged && _movable.Contains(held.Tensor))
                _moved.Add(held.Tensor);
        }

        _buffers.RemoveAll(b => !b.IsUnchanged);
        foreach (var held in _parameters)
        {
            if (!held.IsUnchanged)
                _movedInForward.Add(held.Name);
        }
    }

    /// <summary>Holds what forward has moved where it is now, until the result is disposed: it moves once a step.</summary>
    public BufferGuard? HoldMovedBuffers() => BufferGuard.Of(_moved.Where(b => !b.IsDisposed));

    /// <summary>Parameters, buffers and full backward hooks are those that forward has used.</summary>
    /// <exception cref="GradientException">One was changed; the message names it.</exception>
    public void RequireUnchanged()
    {
        foreach (var held in _parameters)
        {
            if (held.Tensor.IsDisposed)
                throw Freed("parameter", held.Name);
            if (_movedInForward.Contains(held.Name))
                throw MovedInForward(held.Name);
            if (!held.IsUnchanged)
                throw Changed("parameter", held.Name);
            if (held.RequiredGradient && !held.Tensor.RequiresGradient)
            {
                throw new GradientException(
                    $"MomentumNet: parameter '{held.Name}' required a gradient in forward and does not in backward; " +
                    "freeze parameters before forward.");
            }
        }

        foreach (var held in _buffers)
        {
            if (held.Tensor.IsDisposed)
                throw Freed("buffer", held.Name);
            if (!held.IsUnchanged)
                throw Changed("buffer", held.Name);
        }

        // What a hook does to derivatives no output shows.
        foreach (var (module, hooks) in _hooks)
        {
            if (!module.BackwardHooks.SequenceEqual(hooks))
            {
                throw new GradientException(
                    $"MomentumNet: full backward hooks of a {module.Name} among its layers were added or removed between forward " +
                    "and backward; the reversible memory modes evaluate the layers again in backward, with the hooks of then. " +
                    "Register hooks before forward and remove them after Backward, or use MemoryMode.Store.");
            }
        }
    }

    /// <summary>
    /// Puts every module into the mode, training or not, that it had in forward, until the result is disposed. Other
    /// threads see them as they are.
    /// </summary>
    public IDisposable? EnterModes()
    {
        var changed = _modes.Where(m => m.Module.IsTraining != m.IsTraining).ToList();
        return changed.Count == 0 ? null : ModuleModes.Enter(changed);
    }

    private static GradientException Changed(string kind, string name) => new(
        $"MomentumNet: {kind} '{name}' was changed between forward and backward; the reversible memory modes evaluate " +
        "the layers again in backward and need the values of forward. Call Backward before the optimizer's step, or use " +
        "MemoryMode.Store.");

    private static GradientException MovedInForward(string name) => new(
        $"MomentumNet: parameter '{name}' was changed by the layers' own forward; the reversible memory modes evaluate the " +
        "layers again in backward and need the values that forward began with. Compute with a changed copy in place of " +
        "the parameter (as its Clamp), change it after the optimizer's step, or use MemoryMode.Store.");

    private static GradientException Freed(string kind, string name) => new(
        $"MomentumNet: {kind} '{name}' was freed between forward and backward; the reversible memory modes evaluate the " +
        "layers again in backward. Dispose the network after Backward, or use MemoryMode.Store.");

    private readonly record struct Held(string Name, Tensor Tensor, Storage Storage, int Version, bool RequiredGradient)
    {
        public bool IsUnchanged => !Tensor.IsDisposed && Tensor.Storage == Storage && Storage.Version == Version;
    }
}
