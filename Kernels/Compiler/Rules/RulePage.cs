using System.IO;
using System.Linq;

namespace MomentumCore.Kernels.Compiler.Rules;

/// <summary>The page of a rule in docs/diagnostics, whose first paragraph travels inside the compiler.</summary>
internal static class RulePage
{
    /// <summary>Where the page lies in the sources of MomentumCore.</summary>
    public static string Place(int number) => $"docs/diagnostics/{Name(number)}";

    /// <summary>What the page says before its examples, and where to find these.</summary>
    public static string Explanation(int number)
    {
        using var reader = new StreamReader(typeof(RulePage).Assembly.GetManifestResourceStream(Name(number))!);
        var paragraph = reader.ReadToEnd().Replace("\r", "").Split('\n').Skip(1).SkipWhile(IsEmpty).TakeWhile(line => !IsEmpty(line));
        return $"{string.Join(" ", paragraph)} The wrong and the right way: {Place(number)} in the sources of MomentumCore.";
    }

    private static bool IsEmpty(string line) => line.Trim().Length == 0;

    private static string Name(int number) => $"MC{number:0000}.md";
}
