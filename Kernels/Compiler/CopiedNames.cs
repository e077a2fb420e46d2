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
    /// The same with <c>Sqrt</c> and <c>M.Sqrt</c>, where a using makes them MathF's, as <c>System.MathF.Sqrt</c>, and with
    /// helpers and constants of the class as those of the form: in a strided copy their names alone would find those for float.
    /// </summary>
    public T Spelled<T>(T member, bool isDouble)
        where T : MemberDeclarationSyntax
    {
        SemanticModel? model = null;
        var aliases = new HashSet<string>(member.SyntaxTree.GetRoot(cancel).DescendantNodes(n => n is CompilationUnitSyntax or BaseNamespaceDeclarationSyntax)
            .OfType<UsingDirectiveSyntax>().Where(u => u.Alias != null).Select(u => u.Alias!.Name.Identifier.ValueText));
        var spellings = new Dictionary<SyntaxNode, string>();
        var floats = new HashSet<SyntaxNode>();
        foreach (var name in member.DescendantNodes().OfType<SimpleNameSyntax>())
        {
            if (Spelling(name) is { } spelling)
                spellings[name] = spelling;
            else if (IsFloat(name))
                floats.Add(name.Parent is QualifiedNameSyntax or MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax or MemberAccessExpressionSyntax } && Last(name.Parent) == name ? name.Parent : name);
        }

        // x.Twice() of a helper that extends float would find the one for float.
        var extended = member.DescendantNodes().OfType<InvocationExpressionSyntax>()
            .Where(call => isDouble && Extension(call) != null).ToDictionary(call => (SyntaxNode)call, call => Extension(call)!.Parameters[0].RefKind == RefKind.Ref);
        return member.ReplaceNodes(spellings.Keys.Concat(floats).Concat(extended.Keys), (old, now) => floats.Contains(old)
            ? SyntaxFactory.PredefinedType(SyntaxFactory.Token(SyntaxKind.FloatKeyword)).WithTriviaFrom(old)
            : now is InvocationExpressionSyntax call
            ? Plain(call, extended[old]).WithTriviaFrom(old)
            : SyntaxFactory.ParseExpression(spellings[old]).WithTriviaFrom(old));

        IMethodSymbol? Extension(InvocationExpressionSyntax call) =>
            call.Expression is MemberAccessExpressionSyntax { Name: var called } && helpers.Contains(called.Identifier.ValueText)
            && Symbol(called) is IMethodSymbol { ReducedFrom: { } method } && method.ContainingType.Name == owner ? method : null;

        InvocationExpressionSyntax Plain(InvocationExpressionSyntax call, bool isByReference)
        {
            var access = (MemberAccessExpressionSyntax)call.Expression;
            var self = SyntaxFactory.Argument(access.Expression);
            return call.WithExpression(SyntaxFactory.ParseExpression($"{owner}.Float64.{access.Name}"))
                .WithArgumentList(call.ArgumentList.WithArguments(call.ArgumentList.Arguments.Insert(0, isByReference ? self.WithRefKindKeyword(SyntaxFactory.Token(SyntaxKind.RefKeyword)) : self)));
        }

        string? Spelling(SimpleNameSyntax name)
        {
            string text = name.Identifier.ValueText;
            if (name.Parent is MemberAccessExpressionSyntax access && access.Name == name)
                return null;
            string? part = name.Parent is MemberAccessExpressionSyntax { Name.Identifier.ValueText: var of } ? of : null;
            if (isDouble && text == owner && part != null && helpers.Contains(part) && Symbol(name) is INamedTypeSymbol)
                return $"{owner}.Float64";
            // A local or a parameter may have the name of a helper.
            if (isDouble && helpers.Contains(text) && Symbol(name) is IMethodSymbol { MethodKind: MethodKind.Ordinary } or IFieldSymbol)
                return $"{owner}.Float64.{name}";
            if (text is "MathF" or "Math" or "XMath" || !_functions.Contains(part ?? text))
                return null;
            return Symbol(name) switch
            {
                INamedTypeSymbol type when IsMathF(type) => "System.MathF",
                (IMethodSymbol or IFieldSymbol) and { ContainingType: var type } when IsMathF(type) => $"System.MathF.{text}",
                _ => null,
            };
        }

        // System.Single, and what a using calls it.
        bool IsFloat(SimpleNameSyntax name) =>
            (name.Identifier.ValueText == "Single" || aliases.Contains(name.Identifier.ValueText))
            && Symbol(name) is INamedTypeSymbol { SpecialType: SpecialType.System_Single };

        ISymbol? Symbol(SimpleNameSyntax name)
        {
            var info = (model ??= compilation.GetSemanticModel(name.SyntaxTree)).GetSymbolInfo(name, cancel);
            return info.Symbol ?? info.CandidateSymbols.FirstOrDefault();
        }
    }

    private static SyntaxNode Last(SyntaxNode path) => path is QualifiedNameSyntax q ? q.Right : ((MemberAccessExpressionSyntax)path).Name;

    private static INamedTypeSymbol? MathF(Compilation compilation) => compilation.GetTypeByMetadataName("System.MathF");

    private static bool IsMathF(INamedTypeSymbol? type) => type is { Name: "MathF", ContainingNamespace.Name: "System" };
}
