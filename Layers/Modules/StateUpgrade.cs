using System.Diagnostics.CodeAnalysis;
using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>
/// A state dictionary on its way into a module, which <c>Module.UpgradeState</c> takes from the names and
/// contents of an older version to those of this one. The dictionary that was given stays as it is.
/// </summary>
public sealed class StateUpgrade
{
    private readonly List<Tensor> _added = [];
    private readonly List<string> _changes = [];
    private Dictionary<string, Tensor>? _changed;
    private IReadOnlyDictionary<string, Tensor> _state;

    internal StateUpgrade(IReadOnlyDictionary<string, Tensor> state) => _state = state;

    /// <summary>The path of the module whose turn it is; empty for the one that is loaded into.</summary>
    public string Path { get; internal set; } = "";

    /// <summary>The state with what has been changed so far.</summary>
    internal IReadOnlyDictionary<string, Tensor> State => _state;

    /// <summary>What has been changed, in words.</summary>
    internal IReadOnlyList<string> Changes => _changes;

    /// <summary>Whether the state has a tensor of this name below the module.</summary>
    /// <param name="name">A name as the module sees it, such as <c>weight</c> or <c>mlp.0.weight</c>.</param>
    public bool Has(string name) => _state.ContainsKey(Module.Join(Path, name));

    /// <summary>
    /// Gives a tensor its new name. Nothing happens when the old name is not there, or the new one is already.
    /// </summary>
    /// <param name="oldName">What older versions call it, as the module sees it.</param>
    /// <param name="newName">What the module calls it.</param>
    public void Rename(string oldName, string newName)
    {
        if (!Has(oldName) || Has(newName))
            return;
        string from = Module.Join(Path, oldName), to = Module.Join(Path, newName);
        Change();
        _changed.Remove(from, out var value);
        _changed[to] = value!;
        _changes.Add($"{from} is taken as {to}");
    }

    /// <summary>Adds what older versions did not save. Nothing happens when it is there.</summary>
    /// <param name="name">The name as the module sees it.</param>
    /// <param name="value">Its value, which is copied into the module when that loads, and then disposed of.</param>
    public void Add(string name, Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _added.Add(value);
        if (Has(name))
            return;
        string path = Module.Join(Path, name);
        Change();
        _changed[path] = value;
        _changes.Add($"{path} is added");
    }

    /// <summary>Disposes of what was added.</summary>
    internal void Free()
    {
        foreach (var tensor in _added)
            tensor.Dispose();
    }

    [MemberNotNull(nameof(_changed))]
    private void Change()
    {
        // Most states need no change, and no copy.
        _changed ??= new Dictionary<string, Tensor>(_state);
        _state = _changed;
    }
}
