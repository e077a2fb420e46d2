using System.Collections;
using System.Globalization;

namespace MomentumCore.Layers;

/// <summary>Modules in a list, for a module that calls them itself. Their names are 0, 1, 2 ….</summary>
public sealed class ModuleList : Module, IReadOnlyList<Module>
{
    private readonly List<Module> _modules = [];

    // How many it held before others took their place; -1 when none did.
    private int _countAtFirst = -1;

    /// <summary>A list of these modules.</summary>
    public ModuleList(params IEnumerable<Module> modules)
    {
        ArgumentNullException.ThrowIfNull(modules);
        foreach (var module in modules)
            Add(module);
    }

    /// <summary>The number of modules.</summary>
    public int Count => _modules.Count;

    /// <summary>The module at a position.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none; the message says what there is.</exception>
    public Module this[int index] => Chain.At(this, _modules, index, _countAtFirst);

    /// <summary>Appends a module, named by its position.</summary>
    /// <returns>This list.</returns>
    public ModuleList Add(Module module)
    {
        _modules.Add(RegisterModule(_modules.Count.ToString(CultureInfo.InvariantCulture), module));
        return this;
    }

    /// <inheritdoc/>
    public IEnumerator<Module> GetEnumerator() => _modules.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public override Module NewLike() => new ModuleList(NewChildren().Select(c => c.Module));

    /// <inheritdoc/>
    internal override void ReplaceContents(IReadOnlyList<(string Name, Module Module)> contents)
    {
        base.ReplaceContents(contents);
        _countAtFirst = _modules.Count;
        _modules.Clear();
        _modules.AddRange(contents.Select(c => c.Module));
    }

    /// <inheritdoc/>
    private protected override IEnumerable<(string Label, string Text)> PrintedChildren() => Shortened(_modules);
}
