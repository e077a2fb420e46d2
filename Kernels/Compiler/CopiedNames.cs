using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MomentumCore.Kernels.Compiler;

/// <summary>Spells names out where a copy of a kernel or helper for another element type would read them otherwise.</summary>
/// <param name="owner">The class of the kernel.</param>
/// <param name="helpers">Its helpers and constants, which the double form has anew.</param>
/// <param name="compilation">What names mean.</param>
/// <param name="cancel">Ends the work when the editor has moved on.</param>
internal sealed class CopiedNames(string owner, HashSet<string> helpers, Compilation compilation, CancellationToken cancel)
{
    // What MathF has, by name: only these are worth the question what they mean.
    private readonly HashSet<string> _functions = [.. MathF(compilation)?.GetMembers().Select(m => m.Name) ?? []];

    /// <summary>
    /// The same with <c>Sqrt</c> and <c>M.Sqrt</c>, where a using makes them MathF's, as <c>System.MathF.Sqrt</c>, and with a
    /// helper of which the class is said as the helper of the form.
    /// </summary>
    public T Spelled<T>(T member, bool isDouble)
        where T : MemberDeclarationSyntax
    {
        SemanticModel? model = null;
        var spellings = new Dictionary<SyntaxNode, string>();
        foreach (var name in member.DescendantNodes().OfType<SimpleNameSyntax>())
        {
            if (Spelling(name) is { } spelling)
                spellings[name] = spelling;
        }

        return member.ReplaceNodes(spellings.Keys, (old, _) => SyntaxFactory.ParseExpression(spellings[old]).WithTriviaFrom(old));

        string? Spelling(SimpleNameSyntax name)
        {
            string text = name.Identifier.ValueText;
            if (name.Parent is MemberAccessExpressionSyntax access && access.Name == name)
                return null;
            string? part = name.Parent is MemberAccessExpressionSyntax { Name.Identifier.ValueText: var of } ? of : null;
            if (isDouble && part != null && text == owner && helpers.Contains(part))
                return $"{owner}.Float64";
            if (text is "MathF" or "Math" or "XMath" || !_functions.Contains(part ?? text))
                return null;
            model ??= compilation.GetSemanticModel(name.SyntaxTree);
            return model.GetSymbolInfo(name, cancel).Symbol switch
            {
                INamedTypeSymbol type when IsMathF(type) => "System.MathF",
                (IMethodSymbol or IFieldSymbol) and { ContainingType: var type } when IsMathF(type) => $"System.MathF.{text}",
                _ => null,
            };
        }
    }

    private static INamedTypeSymbol? MathF(Compilation compilation) => compilation.GetTypeByMetadataName("System.MathF");

    private static bool IsMathF(INamedTypeSymbol? type) => type is { Name: "MathF", ContainingNamespace.Name: "System" };
}
