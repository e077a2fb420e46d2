using System.Diagnostics.CodeAnalysis;
using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>How a module comes to own parameters, buffers and submodules, each under a name.</summary>
public abstract partial class Module
{
    private OrderedDictionary<string, Parameter?> _parameters = [];
    private OrderedDictionary<string, BufferEntry> _buffers = [];
    private OrderedDictionary<string, Module> _children = [];

    /// <summary>
    /// Adds a submodule under a name; the same as <see cref="RegisterModule{T}"/> for callers from outside.
    /// </summary>
    /// <exception cref="ArgumentException">The name is taken or unusable, or the module contains this one.</exception>
    public void AddModule(string name, Module module) => RegisterModule(name, module);

    /// <summary>Adds a submodule: its parameters and buffers become part of this module as <c>name.…</c>.</summary>
    /// <returns>The module.</returns>
    /// <exception cref="ArgumentException">The name is taken or unusable, or the module contains this one.</exception>
    public T RegisterModule<T>(string name, T module)
        where T : Module
    {
        ArgumentNullException.ThrowIfNull(module);
        RequireFreeName(name);
        if (module.Modules().Contains(this))
            throw new ArgumentException($"{Name}: '{name}': a module cannot contain itself.", nameof(module));
        _children.Add(name, module);
        return module;
    }

    /// <summary>
    /// Adds a parameter. A <see cref="Parameter"/> is added as it is (and may be shared by several modules); any other
    /// tensor is taken over, its handle disposed. Null reserves the name for an optional parameter that is left out.
    /// </summary>
    /// <returns>The parameter, or null for null.</returns>
    /// <exception cref="ArgumentException">The name is taken or unusable.</exception>
    [return: NotNullIfNotNull(nameof(value))]
    public Parameter? RegisterParameter(string name, Tensor? value)
    {
        RequireFreeName(name);
        var parameter = value is null ? null : value as Parameter ?? new Parameter(value, value.DType.IsFloat());
        _parameters.Add(name, parameter);
        return parameter;
    }

    /// <summary>
    /// Adds a tensor that is part of the module's state but is not trained, such as running statistics. The module
    /// takes it over: it leaves its <see cref="TensorScope"/> and changes type and device with the module.
    /// </summary>
    /// <param name="name">The name, unique among parameters, buffers and submodules.</param>
    /// <param name="value">The value, or null to reserve the name for an optional buffer that is left out.</param>
    /// <param name="persistent">Whether it belongs to the state dictionary.</param>
    /// <returns>The tensor to use: the same one, or a gapless copy of one with gaps.</returns>
    /// <exception cref="ArgumentException">The name is taken or unusable.</exception>
    /// <exception cref="GradientException">The value is the result of a recorded operation.</exception>
    [return: NotNullIfNotNull(nameof(value))]
    public Tensor? RegisterBuffer(string name, Tensor? value, bool persistent = true)
    {
        RequireFreeName(name);
        if (value is { RequiresGradient: true })
            throw new GradientException($"{Name}: buffer '{name}' has a recorded history; register value.Detach().");
        var buffer = value?.Contiguous();
        if (buffer != null)
            buffer.Scope = null;
        _buffers.Add(name, new BufferEntry(buffer, persistent));
        return buffer;
    }

    private void RequireFreeName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Contains('.'))
            throw new ArgumentException($"{Name}: the name '{name}' contains a dot: paths use it.", nameof(name));
        string? taken = _parameters.ContainsKey(name) ? "parameter"
            : _buffers.ContainsKey(name) ? "buffer"
            : _children.ContainsKey(name) ? "submodule"
            : null;
        if (taken != null)
            throw new ArgumentException($"{Name}: there is already a {taken} named '{name}'.", nameof(name));
    }

    private readonly record struct BufferEntry(Tensor? Value, bool IsPersistent);
}
