using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>Making another module of the same settings, and a copy of a whole tree.</summary>
public abstract partial class Module
{
    // What all containers of a tree that is being copied have made; null while each looks after its own.
    [ThreadStatic]
    private static Dictionary<Module, Module>? _madeInAll;

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
    /// parameters require a gradient. Gradients and hooks are not copied: a hook is a function of the caller's, made for
    /// the module that it was given to; register it on the copy, too, where it is wanted there.
    /// </summary>
    /// <param name="shareMemory">
    /// Whether both stand on the same memory for parameters and buffers, so that training one moves the other; each
    /// has gradients of its own. Changing type or device of one ends the sharing.
    /// </param>
    /// <exception cref="InvalidOperationException">
    /// A module does not say how to make another one like it, or makes one that differs, or that is partly this one: see
    /// <see cref="NewLike"/>.
    /// </exception>
    public Module Clone(bool shareMemory = false) => CloneWith(NewLike, shareMemory);

    /// <summary>As <see cref="Clone"/>, where something else says how to make another one.</summary>
    internal Module CloneWith(Func<Module> newLike, bool shareMemory)
    {
        // The initial values are overwritten: drawing them must not move the caller's random numbers.
        using var random = RandomSource.Use(new RandomSource(0));
        var around = _madeInAll;
        try
        {
            // Each container makes its own children, unless one of them stands in two containers: then all share what
            // was made. Not at once, because a NewLike may well make two out of one.
            _madeInAll = null;
            var copy = new ModuleCopy(newLike(), this, shareMemory);
            if (copy.Difference != null)
            {
                _madeInAll = [];
                copy = new ModuleCopy(newLike(), this, shareMemory);
            }

            return copy.Fill();
        }
        finally
        {
            _madeInAll = around;
        }
    }

    /// <summary>Takes over settings that were given to a module after it was made.</summary>
    /// <exception cref="InvalidOperationException">A setting that cannot be changed differs.</exception>
    internal virtual void CopySettings(Module from)
    {
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
        return [.. _children.Select(c => (c.Key, Another(c.Value, made)))];
    }

    /// <summary>Another one like a module, and the same one when the same module is asked for again.</summary>
    /// <param name="module">The module.</param>
    /// <param name="made">What the container that asks has made so far.</param>
    internal static Module Another(Module module, Dictionary<Module, Module> made)
    {
        made = _madeInAll ?? made;
        if (!made.TryGetValue(module, out var like))
            made[module] = like = module.NewLike();
        return like;
    }
}
