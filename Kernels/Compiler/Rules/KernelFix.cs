using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace MomentumCore.Kernels.Compiler.Rules;

/// <summary>A mechanical way to put a broken rule right: one text in place of another.</summary>
/// <param name="Title">What the editor offers.</param>
/// <param name="Where">The text that goes.</param>
/// <param name="Replacement">The text that comes.</param>
/// <remarks>It travels on the diagnostic, so that the code fix, which is an assembly of its own, needs to know no rules.</remarks>
internal sealed record KernelFix(string Title, Location Where, string Replacement)
{
    /// <summary>The diagnostic's property with the title.</summary>
    public const string TitleKey = "Title";

    /// <summary>The diagnostic's property with the new text for its first additional location.</summary>
    public const string ReplacementKey = "Replacement";

    public ImmutableDictionary<string, string?> Properties =>
        ImmutableDictionary<string, string?>.Empty.Add(TitleKey, Title).Add(ReplacementKey, Replacement);
}
