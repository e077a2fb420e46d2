using System.Collections;
using System.Globalization;
using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>Modules one after the other: y = f_n(… f_2(f_1(x))). Their names are 0, 1, 2 ….</summary>
public sealed class Sequential : Module, IReadOnlyList<Module>
{
    private readonly List<Module> _modules = [];

    // How many it held before others took their place; -1 when none did.
    private int _countAtFirst = -1;

    /// <summary>An empty chain, to <see cref="Add"/> to.</summary>
    public Sequential()
    {
    }

    /// <summary>
    /// A chain of these modules. The same module may be there several times: then its weights are shared.
    /// </summary>
    public Sequential(params Module[] modules)
    {
        ArgumentNullException.ThrowIfNull(modules);
        foreach (var module in modules)
            Add(module);
    }

    /// <summary>A chain of modules with names.</summary>
    public Sequential(params (string Name, Module Module)[] modules)
    {
        ArgumentNullException.ThrowIfNull(modules);
        foreach (var (name, module) in modules)
            _modules.Add(RegisterModule(name, module));
    }

    /// <summary>The number of modules.</summary>
    public int Count => _modules.Count;

    /// <summary>The module at a position.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none; the message says what there is.</exception>
    public Module this[int index] => Chain.At(this, _modules, index, _countAtFirst);

    /// <summary>Appends a module, named by its position.</summary>
    /// <returns>This chain.</returns>
    public Sequential Add(Module module)
    {
        _modules.Add(RegisterModule(_modules.Count.ToString(CultureInfo.InvariantCulture), module));
        return this;
    }

    /// <inheritdoc/>
    public IEnumerator<Module> GetEnumerator() => _modules.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public override Module NewLike() => new Sequential([.. NewChildren()]);

    /// <inheritdoc/>
    internal override void ReplaceContents(IReadOnlyList<(string Name, Module Module)> contents)
    {
        base.ReplaceContents(contents);
        _countAtFirst = _modules.Count;
        _modules.Clear();
        _modules.AddRange(contents.Select(c => c.Module));
    }

    /// <summary>Only a chain of one module has a place for further inputs: they go to it.</summary>
    protected override Tensor Forward(Tensor x, Tensor[] others) =>
        others.Length > 0 && _modules.Count == 1 ? _modules[0].Call(x, others) : base.Forward(x, others);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => Chain.Run(_modules, x, []);
}
