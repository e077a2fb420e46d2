using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>
/// Modules one after the other: calls them and frees what lies between as soon as nobody needs it, and finds one.
/// </summary>
internal static class Chain
{
    private const int MostShown = 8;

    /// <summary>f_n(… f_1(x, others) …, others), inside a module's Forward.</summary>
    public static Tensor Run(IEnumerable<Module> modules, Tensor x, Tensor[] others)
    {
        var scope = TensorScope.Current;
        var y = x;
        foreach (var module in modules)
        {
            var next = module.Call(y, others);
            // Only what this call made: not the input, nor what a module or a hook handed through or holds on to.
            if (!ReferenceEquals(next, y) && !ReferenceEquals(y, x) && y.Scope == scope)
                y.Dispose();
            y = next;
        }

        return y;
    }

    /// <summary>The module at a position of a container.</summary>
    /// <param name="container">Who is asked.</param>
    /// <param name="modules">What it holds.</param>
    /// <param name="index">The position.</param>
    /// <param name="countAtFirst">How many it held before others took their place; -1 when none did.</param>
    public static Module At(Module container, List<Module> modules, int index, int countAtFirst)
    {
        if ((uint)index < (uint)modules.Count)
            return modules[index];
        string there = modules.Count == 0
            ? "it is empty"
            : $"it holds {modules.Count}: {string.Join(", ", modules.Take(MostShown).Select((m, i) => $"{i} ({m.Name})"))}" +
              (modules.Count > MostShown ? " …" : "");
        string why = countAtFirst < 0
            ? "positions run from 0 to Count - 1."
            : $"these took the place of the {countAtFirst} that it held before (MomentumTransform puts one momentum network " +
              "in the place of several layers). A Forward that is to work with either runs through the container with " +
              "foreach, not by numbers of its own.";
        throw new ArgumentOutOfRangeException(
            nameof(index), $"{container.Name}: there is no module {index}; {there}; {why}");
    }
}
