using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>Walking over what a module contains, and finding it by path.</summary>
public abstract partial class Module
{
    /// <summary>The modules directly below this one, each once.</summary>
    public IEnumerable<Module> Children() => NamedChildren().Select(c => c.Module);

    /// <summary>
    /// The modules directly below this one with their names; one that is there twice is reported once.
    /// </summary>
    public IEnumerable<(string Name, Module Module)> NamedChildren()
    {
        var seen = new HashSet<Module>();
        foreach (var (name, child) in _children)
        {
            if (seen.Add(child))
                yield return (name, child);
        }
    }

    /// <summary>This module and all below it, each once, a module before those below it.</summary>
    public IEnumerable<Module> Modules() => NamedModules().Select(m => m.Module);

    /// <summary>This module and all below it with their paths; this one's path is <paramref name="prefix"/>.</summary>
    /// <param name="prefix">What the paths start with.</param>
    /// <param name="removeDuplicates">Report a module that is there several times once, under its first path.</param>
    public IEnumerable<(string Name, Module Module)> NamedModules(string prefix = "", bool removeDuplicates = true) =>
        Walk(prefix, removeDuplicates ? [] : null);

    /// <summary>
    /// The parameters of this module and, with <paramref name="recurse"/>, of all below it, each once.
    /// </summary>
    public IEnumerable<Parameter> Parameters(bool recurse = true) =>
        NamedParameters("", recurse).Select(p => p.Parameter);

    /// <summary>
    /// The parameters with their paths, such as <c>0.weight</c>; a shared one is reported once, under its first path.
    /// </summary>
    /// <param name="prefix">What the paths start with.</param>
    /// <param name="recurse">Whether to go into submodules.</param>
    /// <param name="removeDuplicates">Report a parameter that is there several times once.</param>
    public IEnumerable<(string Name, Parameter Parameter)> NamedParameters(
        string prefix = "", bool recurse = true, bool removeDuplicates = true)
    {
        var seen = new HashSet<Parameter>();
        foreach (var (path, module) in Members(prefix, recurse, removeDuplicates))
        {
            foreach (var (name, parameter) in module._parameters)
            {
                if (parameter != null && (!removeDuplicates || seen.Add(parameter)))
                    yield return (Join(path, name), parameter);
            }
        }
    }

    /// <summary>The buffers of this module and, with <paramref name="recurse"/>, of all below it, each once.</summary>
    public IEnumerable<Tensor> Buffers(bool recurse = true) => NamedBuffers("", recurse).Select(b => b.Buffer);

    /// <summary>The buffers with their paths, such as <c>1.running_mean</c>; a shared one is reported once.</summary>
    /// <param name="prefix">What the paths start with.</param>
    /// <param name="recurse">Whether to go into submodules.</param>
    /// <param name="removeDuplicates">Report a buffer that is there several times once.</param>
    public IEnumerable<(string Name, Tensor Buffer)> NamedBuffers(
        string prefix = "", bool recurse = true, bool removeDuplicates = true)
    {
        var seen = new HashSet<Tensor>();
        foreach (var (path, module) in Members(prefix, recurse, removeDuplicates))
        {
            foreach (var (name, entry) in module._buffers)
            {
                if (entry.Value != null && (!removeDuplicates || seen.Add(entry.Value)))
                    yield return (Join(path, name), entry.Value);
            }
        }
    }

    /// <summary>The module at a dotted path such as <c>layer1.0.conv1</c>; the empty path is this module.</summary>
    /// <exception cref="KeyNotFoundException">There is none; the message lists what is there instead.</exception>
    public Module GetSubmodule(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var module = this;
        if (path.Length == 0)
            return module;
        foreach (string name in path.Split('.'))
        {
            if (!module._children.TryGetValue(name, out var child))
                throw NotFound("submodule", path, name, module, module._children.Keys);
            module = child;
        }

        return module;
    }

    /// <summary>The parameter at a dotted path such as <c>0.weight</c>.</summary>
    /// <exception cref="KeyNotFoundException">There is none; the message lists what is there instead.</exception>
    public Parameter GetParameter(string path)
    {
        var (module, name) = Owner(path);
        return module._parameters.GetValueOrDefault(name)
            ?? throw NotFound("parameter", path, name, module, module.NamedParameters("", false).Select(p => p.Name));
    }

    /// <summary>The buffer at a dotted path such as <c>1.running_mean</c>.</summary>
    /// <exception cref="KeyNotFoundException">There is none; the message lists what is there instead.</exception>
    public Tensor GetBuffer(string path)
    {
        var (module, name) = Owner(path);
        return module._buffers.GetValueOrDefault(name).Value
            ?? throw NotFound("buffer", path, name, module, module.NamedBuffers("", false).Select(b => b.Name));
    }

    internal static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static KeyNotFoundException NotFound(
        string kind, string path, string name, Module at, IEnumerable<string> there)
    {
        string list = string.Join(", ", there);
        string where = path == name ? "" : $" (looking for '{path}')";
        return new KeyNotFoundException(
            $"{at.Name} has no {kind} '{name}'{where}; it has {(list.Length == 0 ? "none" : list)}.");
    }

    private (Module Module, string Name) Owner(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        int dot = path.LastIndexOf('.');
        return dot < 0 ? (this, path) : (GetSubmodule(path[..dot]), path[(dot + 1)..]);
    }

    private IEnumerable<(string Path, Module Module)> Members(string prefix, bool recurse, bool removeDuplicates) =>
        recurse ? NamedModules(prefix, removeDuplicates) : [(prefix, this)];

    private IEnumerable<(string Name, Module Module)> Walk(string path, HashSet<Module>? seen)
    {
        if (seen?.Add(this) == false)
            yield break;
        yield return (path, this);
        foreach (var (name, child) in _children)
        {
            foreach (var below in child.Walk(Join(path, name), seen))
                yield return below;
        }
    }
}
