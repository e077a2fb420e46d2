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
    private readonly List<(Module Module, bool IsTraining)> _modes = [];

    private ModuleState()
    {
    }

    /// <summary>Takes note of a module's state before its forward.</summary>
    public static ModuleState Of(Module module)
    {
        var state = new ModuleState();
        foreach (var (name, parameter) in module.NamedParameters())
        {
            state._parameters.Add(
                new Held(name, parameter, parameter.Storage, parameter.Version, parameter.RequiresGradient));
        }

        foreach (var (name, buffer) in module.NamedBuffers())
            state._buffers.Add(new Held(name, buffer, buffer.Storage, buffer.Version, false));
        foreach (var part in module.Modules())
            state._modes.Add((part, part.IsTraining));
        return state;
    }

    /// <summary>
    /// Called after forward: buffers that forward itself has moved are running statistics. They follow every forward,
    /// so
    /// they are not expected to stay (in training mode the output does not depend on them).
    /// </summary>
    public void ForgetMovedBuffers() => _buffers.RemoveAll(b => !b.IsUnchanged);

    /// <summary>Parameters and buffers are those that forward has used.</summary>
    /// <exception cref="GradientException">One was changed; the message names it.</exception>
    public void RequireUnchanged()
    {
        foreach (var held in _parameters)
        {
            if (held.Tensor.IsDisposed)
                throw Freed("parameter", held.Name);
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
    }

    /// <summary>
    /// Puts every module into the mode, training or not, that it had in forward, until the result is disposed.
    /// </summary>
    public IDisposable? EnterModes()
    {
        var changed = _modes.Where(m => m.Module.IsTraining != m.IsTraining).ToList();
        if (changed.Count == 0)
            return null;
        Flip(changed, toForward: true);
        return new Restoration(changed);
    }

    private static void Flip(List<(Module Module, bool IsTraining)> modes, bool toForward)
    {
        foreach (var (module, inForward) in modes)
            module.IsTraining = toForward ? inForward : !inForward;
    }

    private static GradientException Changed(string kind, string name) => new(
        $"MomentumNet: {kind} '{name}' was changed between forward and backward; the reversible memory modes evaluate " +
        "the layers again in backward and need the values of forward. Call Backward before the optimizer's step, or use " +
        "MemoryMode.Store.");

    private static GradientException Freed(string kind, string name) => new(
        $"MomentumNet: {kind} '{name}' was freed between forward and backward; the reversible memory modes evaluate the " +
        "layers again in backward. Dispose the network after Backward, or use MemoryMode.Store.");

    private sealed class Restoration(List<(Module Module, bool IsTraining)> modes) : IDisposable
    {
        public void Dispose() => Flip(modes, toForward: false);
    }

    private readonly record struct Held(string Name, Tensor Tensor, Storage Storage, int Version, bool RequiredGradient)
    {
        public bool IsUnchanged => !Tensor.IsDisposed && Tensor.Storage == Storage && Storage.Version == Version;
    }
}
