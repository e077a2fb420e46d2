using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>Making another module of the same settings, and a copy of a whole tree.</summary>
public abstract partial class Module
{
    /// <summary>
    /// Makes another module as this one's constructor made it: the same settings, new parameters. Override it in a
    /// module with parameters, buffers or submodules, so that <see cref="Clone"/> can copy it:
    /// <c>public override Module NewLike() => new TwoLayers();</c>
    /// </summary>
    /// <remarks>A module that holds none of them is copied field by field unless it overrides this.</remarks>
    /// <exception cref="InvalidOperationException">The module holds some and does not say how to make
    /// another.</exception>
    public virtual Module NewLike()
    {
        bool isEmpty = _children.Count == 0 && _parameters.Values.All(p => p == null)
            && _buffers.Values.All(b => b.Value == null);
        if (!isEmpty)
        {
            throw new InvalidOperationException(
                $"{Name}: does not say how to make another one like it. Add to it: " +
                $"public override Module NewLike() => new {Name}(…); with the settings that this one was made with.");
        }

        var copy = (Module)MemberwiseClone();
        copy._children = [];
        copy._parameters = new OrderedDictionary<string, Parameter?>(_parameters);
        copy._buffers = new OrderedDictionary<string, BufferEntry>(_buffers);
        (copy._preHooks, copy._hooks, copy._backwardHooks) = ([], [], []);
        return copy;
    }

    /// <summary>
    /// Copies this module and all below it: settings, values of parameters and buffers, training mode, and which
    /// parameters require a gradient. Gradients and hooks are not copied.
    /// </summary>
    /// <param name="shareMemory">
    /// Whether both stand on the same memory for parameters and buffers, so that training one moves the other; each
    /// has gradients of its own. Changing type or device of one ends the sharing.
    /// </param>
    /// <exception cref="InvalidOperationException">
    /// A module does not say how to make another one like it, or makes one that differs: see <see cref="NewLike"/>.
    /// </exception>
    public Module Clone(bool shareMemory = false) => CloneWith(NewLike, shareMemory);

    /// <summary>As <see cref="Clone"/>, where something else says how to make another one.</summary>
    internal Module CloneWith(Func<Module> newLike, bool shareMemory)
    {
        // The initial values are overwritten: drawing them must not move the caller's random numbers.
        using var random = RandomSource.Use(new RandomSource(0));
        var copy = newLike();
        ModuleCopy.Into(copy, this, shareMemory);
        return copy;
    }

    /// <summary>Puts other modules in the place of the children; only lists and chains can take any.</summary>
    internal virtual void ReplaceContents(IReadOnlyList<(string Name, Module Module)> contents)
    {
        _children.Clear();
        foreach (var (name, module) in contents)
            RegisterModule(name, module);
    }

    /// <summary>
    /// Another one like each child, under its name; a child that is there twice is there twice in the result.
    /// </summary>
    internal IEnumerable<(string Name, Module Module)> NewChildren()
    {
        var made = new Dictionary<Module, Module>();
        foreach (var (name, child) in _children)
        {
            if (!made.TryGetValue(child, out var copy))
                made.Add(child, copy = child.NewLike());
            yield return (name, copy);
        }
    }
}
