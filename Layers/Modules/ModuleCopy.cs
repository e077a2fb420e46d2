using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>
/// Turns a freshly made tree of modules into a copy of another: brings lists to the same contents, then takes over
/// values.
/// </summary>
internal static class ModuleCopy
{
    /// <summary>Makes <paramref name="copy"/>, another one like <paramref name="original"/>, equal to it.</summary>
    public static void Into(Module copy, Module original, bool shareMemory)
    {
        FitContents(copy, original);
        if (Difference(copy, original) is { } difference)
        {
            throw new InvalidOperationException(
                $"{original.Name}: what its NewLike made differs from it: {difference}. NewLike has to make a module " +
                "with the same settings.");
        }

        using var noGrad = NoGrad.Begin();
        foreach (var (from, to) in Pairs(original, copy))
            to.IsTraining = from.IsTraining;
        foreach (var ((_, from), (_, to)) in original.NamedParameters().Zip(copy.NamedParameters()))
        {
            TakeOver(to, from, shareMemory);
            to.RequiresGradient = from.RequiresGradient;
        }

        foreach (var ((_, from), (_, to)) in original.NamedBuffers().Zip(copy.NamedBuffers()))
            TakeOver(to, from, shareMemory);
        foreach (var (from, to) in Pairs(original, copy))
        {
            using var extra = from.GetExtraState();
            if (extra != null)
                to.SetExtraState(extra);
        }
    }

    private static IEnumerable<(Module From, Module To)> Pairs(Module original, Module copy) =>
        original.NamedModules().Zip(copy.NamedModules(), (o, c) => (o.Module, c.Module));

    private static void TakeOver(Tensor to, Tensor from, bool shareMemory)
    {
        if (shareMemory)
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
    private static void FitContents(Module copy, Module original)
    {
        if (copy.GetType() != original.GetType() || Difference(copy, original) == null)
            return;
        if (original is Sequential or ModuleList or ModuleDict)
            copy.ReplaceContents([.. original.NewChildren()]);
        var children = copy.NamedChildren().ToDictionary(c => c.Name, c => c.Module);
        foreach (var (name, child) in original.NamedChildren())
        {
            if (children.TryGetValue(name, out var other))
                FitContents(other, child);
        }
    }

    /// <summary>How two trees differ in structure, or null.</summary>
    private static string? Difference(Module copy, Module original) =>
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
