using System.Text;

namespace MomentumCore.Layers;

/// <summary>The printed tree.</summary>
public abstract partial class Module
{
    /// <summary>What the printed tree says in the brackets behind the module's name: its settings.</summary>
    protected virtual string ExtraRepresentation => "";

    /// <summary>
    /// The tree of modules, one per line, as in <c>(0): Linear(inFeatures: 2, outFeatures: 3, bias: true)</c>.
    /// </summary>
    public override string ToString()
    {
        if (_children.Count == 0)
            return $"{Name}({ExtraRepresentation})";
        var text = new StringBuilder(Name).Append('(').Append(ExtraRepresentation).Append('\n');
        foreach (var (label, child) in PrintedChildren())
            text.Append("  (").Append(label).Append("): ").Append(child.Replace("\n", "\n  ")).Append('\n');
        return text.Append(')').ToString();
    }

    /// <summary>The children as they are printed; lists of equal ones are shortened.</summary>
    private protected virtual IEnumerable<(string Label, string Text)> PrintedChildren() =>
        _children.Select(c => (c.Key, c.Value.ToString()));

    /// <summary>A list as it is printed: runs of equal modules once, as in <c>(0-9): 10 x Linear(…)</c>.</summary>
    private protected static IEnumerable<(string Label, string Text)> Shortened(IReadOnlyList<Module> modules)
    {
        string[] texts = [.. modules.Select(m => m.ToString())];
        for (int start = 0, end; start < texts.Length; start = end)
        {
            end = start + 1;
            while (end < texts.Length && texts[end] == texts[start])
                end++;
            yield return end == start + 1
                ? ($"{start}", texts[start])
                : ($"{start}-{end - 1}", $"{end - start} x {texts[start]}");
        }
    }
}
