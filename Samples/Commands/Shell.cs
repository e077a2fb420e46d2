namespace MomentumCore.Samples;

/// <summary>Writes words of a command line so that they can be copied into a shell.</summary>
internal static class Shell
{
    /// <summary>The word as it is, or in quotes where a shell would read something else.</summary>
    public static string Quoted(string word) =>
        word.Length > 0 && word.All(c => char.IsLetterOrDigit(c) || c is '.' or '/' or '\\' or '_' or '-' or ':' or '=' or '+')
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
