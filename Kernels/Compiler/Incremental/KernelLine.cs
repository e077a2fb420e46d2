using System.IO;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MomentumCore.Kernels.Compiler.Incremental;

/// <summary>Where a kernel stands now. Texts hold a mark instead, so that an edit above a kernel does not change its text.</summary>
internal sealed record KernelLine(string HintName, string Literal)
{
    /// <summary>What stands for the place in a text; no C# source holds it.</summary>
    public const string Mark = "\u0001line\u0001";

    public static KernelLine Of(GeneratorAttributeSyntaxContext kernel)
    {
        var place = ((MethodDeclarationSyntax)kernel.TargetNode).Identifier.GetLocation().GetLineSpan();
        string text = $"{Path.GetFileName(place.Path)}:{place.StartLinePosition.Line + 1}";
        return new KernelLine(KernelSite.Hint(kernel), SymbolDisplay.FormatLiteral(text, quote: true));
    }
}
