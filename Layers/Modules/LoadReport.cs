using System.Text;

namespace MomentumCore.Layers;

/// <summary>How a state dictionary fits a module.</summary>
/// <param name="Missing">Names that the module has and the dictionary has not.</param>
/// <param name="Unexpected">Names that the dictionary has and the module has not.</param>
/// <param name="Mismatched">Names that both have, with what does not fit.</param>
public sealed record LoadReport(
    IReadOnlyList<string> Missing,
    IReadOnlyList<string> Unexpected,
    IReadOnlyDictionary<string, string> Mismatched)
{
    private const int MostShown = 10;

    /// <summary>What was changed of an old state before it was compared: <c>Module.UpgradeState</c>.</summary>
    public IReadOnlyList<string> Upgrades { get; init; } = [];

    /// <summary>Whether everything fits.</summary>
    public bool IsComplete => Missing.Count + Unexpected.Count + Mismatched.Count == 0;

    /// <summary>What does not fit, and what was brought up to date, in words.</summary>
    public override string ToString()
    {
        if (IsComplete && Upgrades.Count == 0)
            return "All names and shapes fit.";
        var text = new StringBuilder();
        Append(text, "missing", Missing);
        Append(text, "unexpected", Unexpected);
        Append(text, "mismatched", [.. Mismatched.Select(m => $"{m.Key} ({m.Value})")]);
        if (IsComplete)
            text.Append("All names and shapes fit");
        Append(text, "of an older version", Upgrades);
        return text.ToString();
    }

    private static void Append(StringBuilder text, string what, IReadOnlyList<string> names)
    {
        if (names.Count == 0)
            return;
        text.Append(text.Length > 0 ? "; " : "").Append(what).Append(": ").AppendJoin(", ", names.Take(MostShown));
        if (names.Count > MostShown)
            text.Append($" and {names.Count - MostShown} more");
    }
}
