using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace MomentumCore.Layers;

/// <summary>Modules by name, in the order they were added, for a module that calls them itself.</summary>
public sealed class ModuleDict : Module, IReadOnlyDictionary<string, Module>
{
    private readonly OrderedDictionary<string, Module> _modules = [];

    /// <summary>These modules.</summary>
    public ModuleDict(params IEnumerable<(string Name, Module Module)> modules)
    {
        ArgumentNullException.ThrowIfNull(modules);
        foreach (var (name, module) in modules)
            Add(name, module);
    }

    /// <summary>The number of modules.</summary>
    public int Count => _modules.Count;

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _modules.Keys;

    /// <inheritdoc/>
    public IEnumerable<Module> Values => _modules.Values;

    /// <summary>The module of a name.</summary>
    /// <exception cref="KeyNotFoundException">There is none; the message lists what is there.</exception>
    public Module this[string key] => GetSubmodule(key);

    /// <summary>Adds a module.</summary>
    /// <returns>These modules.</returns>
    public ModuleDict Add(string name, Module module)
    {
        _modules.Add(name, RegisterModule(name, module));
        return this;
    }

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _modules.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out Module value) =>
        _modules.TryGetValue(key, out value);

    /// <inheritdoc/>
    public override Module NewLike() => new ModuleDict(NewChildren());

    /// <inheritdoc/>
    internal override void ReplaceContents(IReadOnlyList<(string Name, Module Module)> contents)
    {
        base.ReplaceContents(contents);
        _modules.Clear();
        foreach (var (name, module) in contents)
            _modules.Add(name, module);
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, Module>> GetEnumerator() => _modules.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
