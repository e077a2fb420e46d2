using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>
/// Turns a freshly made tree of modules into a copy of another: brings lists to the same contents, then takes over
/// values.
/// </summary>
internal sealed class ModuleCopy
{
    private readonly Module _copy;
    private readonly Module _original;
    private readonly bool _shareMemory;
    private readonly List<Module> _dropped = [];

    /// <summary>Brings another one like a module to the same contents.</summary>
    /// <exception cref="InvalidOperationException">It is the module itself, or has parts of it.</exception>
    public ModuleCopy(Module copy, Module original, bool shareMemory)
    {
        RequireApart(copy, original, shareMemory);
        (_copy, _original, _shareMemory) = (copy, original, shareMemory);
        FitContents(copy, original);
        Difference = DifferenceOf(copy, original);
    }

    /// <summary>How the structures still differ, or null.</summary>
    public string? Difference { get; }

    /// <summary>Makes the copy equal to the original.</summary>
    /// <exception cref="InvalidOperationException">The structures differ.</exception>
    public Module Fill()
    {
        if (Difference != null)
        {
            throw new InvalidOperationException(
                $"{_original.Name}: what its NewLike made differs from it: {Difference}. NewLike has to make a module " +
                "with the same settings. (To transform a model without a copy of it: MomentumTransform.ApplyInPlace.)");
        }

        using var noGrad = NoGrad.Begin();
        var pairs = _original.NamedModules().Zip(_copy.NamedModules(), (o, c) => (From: o.Module, To: c.Module)).ToList();
        foreach (var (from, to) in pairs)
        {
            to.IsTraining = from.IsTraining;
            to.CopySettings(from);
        }

        foreach (var ((_, from), (_, to)) in _original.NamedParameters().Zip(_copy.NamedParameters()))
        {
            TakeOver(to, from);
            to.RequiresGradient = from.RequiresGradient;
        }

        foreach (var ((_, from), (_, to)) in _original.NamedBuffers().Zip(_copy.NamedBuffers()))
            TakeOver(to, from);
        foreach (var (from, to) in pairs)
        {
            using var extra = from.GetExtraState();
            if (extra != null)
                to.SetExtraState(extra);
        }

        WatchDropped();
        return _copy;
    }

    /// <summary>A copy that is partly the original would change it with everything that is done to the copy.</summary>
    private static void RequireApart(Module copy, Module original, bool shareMemory)
    {
        if (copy == null)
            throw new InvalidOperationException($"{original.Name}: its NewLike made null, not a module.");
        var mine = original.NamedModules().ToDictionary(m => m.Module, m => m.Name);
        if (copy.Modules().FirstOrDefault(mine.ContainsKey) is { } module)
            throw Shared(ReferenceEquals(module, original) ? "the module itself" : $"the same {module.Name} '{mine[module]}'");
        if (shareMemory)
            return;
        var tensors = Parameters(original).Concat(Buffers(original)).DistinctBy(t => t.Tensor)
            .ToDictionary(t => t.Tensor, t => t.Name);
        if (Parameters(copy).Concat(Buffers(copy)).FirstOrDefault(t => tensors.ContainsKey(t.Tensor)).Tensor is { } tensor)
            throw Shared($"the same tensor '{tensors[tensor]}'");

        InvalidOperationException Shared(string what) => new(
            $"{original.Name}: what its NewLike made is no other module: it has {what}, so that what is done to the copy " +
            "would be done to the original. NewLike has to make new ones: for a part, call the part's NewLike.");
    }

    /// <summary>
    /// What the constructor put into a list and the original's list has not any more: where a Forward runs it all the same,
    /// out of an array of its own, the copy would compute with weights that nobody sees.
    /// </summary>
    private void WatchDropped()
    {
        var there = _copy.Modules().ToHashSet();
        string name = _copy.Name;
        foreach (var module in _dropped.SelectMany(d => d.Modules()).Where(m => !there.Contains(m)).Distinct())
        {
            module.RegisterForwardPreHook((lost, _) => throw new InvalidOperationException(
                $"{name}, a copy: its Forward ran a {lost.Name} that is no part of it. The list that held it was given other " +
                "contents, as by MomentumTransform. A Forward has to run through the Sequential or ModuleList that its module " +
                "registered, not through an array or fields of its own that hold the layers."));
        }
    }

    private void TakeOver(Tensor to, Tensor from)
    {
        // A parameter that both have is there already.
        if (ReferenceEquals(to, from))
            return;
        if (_shareMemory)
        {
            to.ReplaceStorage(from);
            return;
        }

        using var scope = TensorScope.Begin();
        to.ReplaceStorage(from.Detach().Clone());
    }

    /// <summary>
    /// A constructor makes lists as they are at first; where the original's was given other contents since, such as
    /// momentum layers, the copy's gets the like.
    /// </summary>
    private void FitContents(Module copy, Module original)
    {
        if (copy.GetType() != original.GetType() || DifferenceOf(copy, original) == null)
            return;
        if (original is Sequential or ModuleList or ModuleDict)
        {
            _dropped.AddRange(copy.Children());
            copy.ReplaceContents([.. original.NewChildren()]);
        }

        var children = copy.NamedChildren().ToDictionary(c => c.Name, c => c.Module);
        foreach (var (name, child) in original.NamedChildren())
        {
            if (children.TryGetValue(name, out var other))
                FitContents(other, child);
        }
    }

    /// <summary>How two trees differ in structure, or null.</summary>
    private static string? DifferenceOf(Module copy, Module original) =>
        FirstDifference("submodule", Modules(original), Modules(copy))
        ?? FirstDifference("parameter", Tensors(Parameters(original)), Tensors(Parameters(copy)))
        ?? FirstDifference("buffer", Tensors(Buffers(original)), Tensors(Buffers(copy)));

    private static string? FirstDifference(string kind, List<string> original, List<string> copy)
    {
        int at = 0;
        while (at < original.Count && at < copy.Count && original[at] == copy[at])
            at++;
        return at < original.Count && at < copy.Count ? $"{kind} {original[at]} against {copy[at]} in the new one"
            : at < original.Count ? $"{kind} {original[at]}, which the new one lacks"
            : at < copy.Count ? $"no {kind} {copy[at]}, which the new one has"
            : null;
    }

    // Each with the number of its first appearance, so that a thing that stands in two places has to do so in both.
    private static List<string> Modules(Module root)
    {
        var numbers = new Dictionary<Module, int>();
        return [.. root.NamedModules(removeDuplicates: false)
            .Select(m => $"'{m.Name}' ({m.Module.Name}{Again(numbers, m.Module)})")];
    }

    private static List<string> Tensors(IEnumerable<(string Name, Tensor Tensor)> tensors)
    {
        var numbers = new Dictionary<Tensor, int>();
        return [.. tensors.Select(t => $"'{t.Name}' ({t.Tensor.Shape}{Again(numbers, t.Tensor)})")];
    }

    private static string Again<T>(Dictionary<T, int> numbers, T item)
        where T : notnull =>
        numbers.TryAdd(item, numbers.Count) ? "" : $", shared, number {numbers[item]}";

    private static IEnumerable<(string Name, Tensor Tensor)> Parameters(Module module) =>
        module.NamedParameters(removeDuplicates: false).Select(p => (p.Name, (Tensor)p.Parameter));

    private static IEnumerable<(string Name, Tensor Tensor)> Buffers(Module module) =>
        module.NamedBuffers(removeDuplicates: false).Select(b => (b.Name, b.Buffer));
}
