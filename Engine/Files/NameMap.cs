namespace MomentumCore.Engine;

/// <summary>
/// Rules that turn the tensor names of a file into those of a model: prefixes stripped, parts renamed, tensors dropped.
/// </summary>
/// <remarks>
/// Rules apply one after the other, each to the names that the one before gave. A rule that no name fits is an error:
/// it is a slip more often than not.
/// </remarks>
/// <example><c>new NameMap().StripPrefix("module.").Rename("encoder.*", "backbone.*").Drop("fc.*")</c></example>
public sealed class NameMap
{
    private const int MostShown = 5;

    private readonly IReadOnlyList<Rule> _rules;

    /// <summary>No rules: every name stays as it is.</summary>
    public NameMap()
        : this([])
    {
    }

    private NameMap(IReadOnlyList<Rule> rules) => _rules = rules;

    /// <summary>
    /// These rules, and one more: names that fit <paramref name="pattern"/> become <paramref name="target"/>. A
    /// <c>*</c>
    /// stands for any letters, dots included, as few as fit; the n-th <c>*</c> of the target is what the n-th of the
    /// pattern stood for.
    /// </summary>
    /// <exception cref="ArgumentException">The target has more <c>*</c> than the pattern, or one is empty.</exception>
    public NameMap Rename(string pattern, string target)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        ArgumentException.ThrowIfNullOrEmpty(target);
        if (Stars(target) > Stars(pattern))
            throw new ArgumentException(
                $"'{pattern}={target}': the target has more * than the pattern.", nameof(target));
        return new NameMap([.. _rules, new Rule(pattern.Split('*'), target.Split('*'), $"{pattern}={target}")]);
    }

    /// <summary>These rules, and one more: tensors whose names fit the pattern are left out.</summary>
    public NameMap Drop(string pattern)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        return new NameMap([.. _rules, new Rule(pattern.Split('*'), null, $"{pattern}=")]);
    }

    /// <summary>These rules, and one more: names that begin with the prefix lose it, as <c>module.</c>.</summary>
    public NameMap StripPrefix(string prefix)
    {
        ArgumentException.ThrowIfNullOrEmpty(prefix);
        return new NameMap([.. _rules, new Rule([prefix, ""], ["", ""], $"the prefix '{prefix}'", IsPrefix: true)]);
    }

    /// <summary>
    /// These rules, and one more as text: <c>encoder.*=backbone.*</c> renames, <c>fc.*=</c> drops.
    /// </summary>
    /// <exception cref="FormatException">The text is no such rule.</exception>
    public NameMap Add(string rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        string[] sides = rule.Split('=');
        if (sides.Length != 2 || sides[0].Length == 0 || Stars(sides[1]) > Stars(sides[0]))
        {
            throw new FormatException(
                $"'{rule}' is no rule; write 'from=to' with at most as many * in to as in from, or 'from=' to drop.");
        }

        return sides[1].Length == 0 ? Drop(sides[0]) : Rename(sides[0], sides[1]);
    }

    /// <summary>The tensors under their new names, in the same order. They are the same tensors, not copies.</summary>
    /// <exception cref="ArgumentException">
    /// A rule fits no name, two tensors would get the same name, one would get none, or one would begin with a dot for
    /// lack of its prefix.
    /// </exception>
    public IReadOnlyDictionary<string, Tensor> Apply(IReadOnlyDictionary<string, Tensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        var names = tensors.Keys.Select(n => (Old: n, New: n)).ToList();
        foreach (var rule in _rules)
        {
            int used = 0;
            var next = new List<(string Old, string New)>(names.Count);
            foreach (var (old, name) in names)
            {
                bool fits = rule.TryApply(name, out string? renamed);
                used += fits ? 1 : 0;
                // A slip such as 'module' for 'module.': what is left is the name of nothing.
                if (rule.IsPrefix && renamed is ['.', ..])
                {
                    throw new ArgumentException(
                        $"'{name}' without {rule.Text} is '{renamed}'; the dot belongs to the prefix.", nameof(tensors));
                }

                if (!fits || renamed != null)
                    next.Add((old, fits ? renamed! : name));
            }

            if (used == 0)
            {
                string there = string.Join(", ", names.Take(MostShown).Select(n => n.New));
                throw new ArgumentException(
                    $"{rule.Text} fits none of {names.Count} names; they begin with {there}.", nameof(tensors));
            }

            names = next;
        }

        var mapped = new OrderedDictionary<string, Tensor>(names.Count);
        var origins = new Dictionary<string, string>();
        foreach (var (old, name) in names)
        {
            if (name.Length == 0)
            {
                throw new ArgumentException(
                    $"'{old}' becomes '', and a tensor has to have a name; strip less of it, or give it one with " +
                    $"'{old}=name'.",
                    nameof(tensors));
            }

            if (!mapped.TryAdd(name, tensors[old]))
                throw new ArgumentException($"'{origins[name]}' and '{old}' both become '{name}'.", nameof(tensors));
            origins[name] = old;
        }

        return mapped;
    }

    private static int Stars(string text) => text.Count(c => c == '*');

    /// <summary>The pieces between the stars of both sides; no target pieces drop the tensor.</summary>
    private sealed record Rule(string[] Pattern, string[]? Target, string Text, bool IsPrefix = false)
    {
        public bool TryApply(string name, out string? renamed)
        {
            renamed = null;
            if (!TryMatch(name, out var stars))
                return false;
            if (Target != null)
            {
                renamed = Target[0];
                for (int i = 1; i < Target.Length; i++)
                    renamed += stars[i - 1] + Target[i];
            }

            return true;
        }

        /// <summary>First and last piece stand at the ends, the others as early as they can.</summary>
        private bool TryMatch(string name, out List<string> stars)
        {
            stars = [];
            if (Pattern.Length == 1)
                return name == Pattern[0];
            string last = Pattern[^1];
            if (!name.StartsWith(Pattern[0], StringComparison.Ordinal)
                || !name.EndsWith(last, StringComparison.Ordinal)
                || name.Length < Pattern[0].Length + last.Length)
            {
                return false;
            }

            int at = Pattern[0].Length, end = name.Length - last.Length;
            for (int i = 1; i < Pattern.Length - 1; i++)
            {
                int found = name.IndexOf(Pattern[i], at, end - at, StringComparison.Ordinal);
                if (found < 0)
                    return false;
                stars.Add(name[at..found]);
                at = found + Pattern[i].Length;
            }

            stars.Add(name[at..end]);
            return true;
        }
    }
}
