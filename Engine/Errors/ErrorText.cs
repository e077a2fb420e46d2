namespace MomentumCore.Engine;

/// <summary>Makes text that comes from a file fit for a message: short, and harmless to a terminal.</summary>
internal static class ErrorText
{
    private const int MostStart = 800, MostEnd = 200;

    /// <summary>One line of at most about 1,000 letters, the start and the end of the text.</summary>
    public static string Line(string text)
    {
        string line = text.Length <= MostStart + MostEnd ? text : text[..MostStart] + "…" + text[^MostEnd..];
        return line.Any(char.IsControl) ? string.Concat(line.Select(c => char.IsControl(c) ? '\uFFFD' : c)) : line;
    }
}
