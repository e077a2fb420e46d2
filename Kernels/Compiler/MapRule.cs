using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MomentumCore.Kernels.Compiler;

/// <summary>Decides whether a kernel is a map: it touches its views only at its own index.</summary>
internal static class MapRule
{
    private const int MostViews = 6;

    public static bool IsMap(MethodDeclarationSyntax method, IReadOnlyList<Argument> arguments) => Obstacle(method, arguments) == null;

    /// <summary>What keeps a kernel from being a map, and where; null for a map.</summary>
    public static (SyntaxNode Where, string Message)? Obstacle(MethodDeclarationSyntax method, IReadOnlyList<Argument> arguments)
    {
        if (method.ParameterList.Parameters[0].Type is { } first && !first.ToString().EndsWith("Index1D", System.StringComparison.Ordinal))
            return (first, "its index has more than one axis");
        if (arguments.FirstOrDefault(a => a.IsPlane) is { } plane)
            return (plane.Syntax, $"'{plane.Name}' has two indices");
        string index = method.ParameterList.Parameters[0].Identifier.ValueText;
        var views = new HashSet<string>(arguments.Where(a => a.IsView).Select(a => a.Name));
        if (views.Count == 0)
            return (method.ParameterList, "it has no view");
        if (views.Count > MostViews)
            return (method.ParameterList, $"it has {views.Count} views, more than {MostViews}");
        SyntaxNode body = (SyntaxNode?)method.Body ?? method.ExpressionBody!;
        foreach (var name in body.DescendantNodes().OfType<IdentifierNameSyntax>())
        {
            string text = name.Identifier.ValueText;
            if (views.Contains(text) && !IsOwnElement(name, index))
                return (name.Parent is ElementAccessExpressionSyntax access ? access : name, $"it uses '{text}' otherwise than as {text}[{index}]");
            if (text == index && !IsSubscript(name, views))
                return (name, $"it uses the index '{index}' as a number");
        }

        return null;
    }

    private static bool IsOwnElement(IdentifierNameSyntax view, string index) =>
        view.Parent is ElementAccessExpressionSyntax access && access.Expression == view
        && access.ArgumentList.Arguments.Count == 1 && access.ArgumentList.Arguments[0].Expression.ToString().TrimStart('@') == index;

    private static bool IsSubscript(IdentifierNameSyntax index, HashSet<string> views) =>
        index.Parent is ArgumentSyntax { Parent: BracketedArgumentListSyntax { Parent: ElementAccessExpressionSyntax access } }
        && views.Contains(access.Expression.ToString().TrimStart('@'));
}
