using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MomentumCore.Kernels.Compiler.Incremental;

/// <summary>A file as others see it: what it declares, apart from the bodies of its methods, which only their callers see.</summary>
/// <remarks>Texts are tokens, so that comments and blanks make no difference.</remarks>
internal sealed class TreeShape
{
    private static readonly ConditionalWeakTable<SyntaxTree, TreeShape> Known = new();

    private readonly Dictionary<int, int> _ordinals = [];

    private TreeShape(SyntaxNode root)
    {
        var bodies = root.DescendantNodes(n => !IsBody(n)).Where(IsBody).ToList();
        Declarations = Tokens(root.DescendantTokens(n => !IsBody(n)));
        Bodies = [.. bodies.Select(b => Tokens(b.DescendantTokens()))];
        for (int i = 0; i < bodies.Count; i++)
            _ordinals[bodies[i].SpanStart] = i;
        Names = string.Join(";", root.DescendantNodes(n => !IsBody(n)).Select(Name).Where(n => n != null));
    }

    /// <summary>All but the bodies.</summary>
    public string Declarations { get; }

    /// <summary>The bodies, in the order of the file.</summary>
    public IReadOnlyList<string> Bodies { get; }

    /// <summary>What can change the meaning of a file that does not mention this one: its types, global usings and extension methods.</summary>
    public string Names { get; }

    public static TreeShape Of(SyntaxTree tree) => Known.GetValue(tree, static t => new TreeShape(t.GetRoot()));

    /// <summary>The number of a method's body, or null when it has none.</summary>
    public int? Ordinal(BaseMethodDeclarationSyntax method) =>
        ((SyntaxNode?)method.Body ?? method.ExpressionBody) is { } body && _ordinals.TryGetValue(body.SpanStart, out int ordinal) ? ordinal : null;

    private static bool IsBody(SyntaxNode node) =>
        node is GlobalStatementSyntax
        || (node is BlockSyntax or ArrowExpressionClauseSyntax && node.Parent is BaseMethodDeclarationSyntax or AccessorDeclarationSyntax);

    private static string? Name(SyntaxNode node) => node switch
    {
        BaseTypeDeclarationSyntax type => $"{Path(type.Parent)}{type.Identifier.Text}`{(type as TypeDeclarationSyntax)?.TypeParameterList?.Parameters.Count ?? 0}",
        DelegateDeclarationSyntax type => $"{Path(type.Parent)}{type.Identifier.Text}",
        UsingDirectiveSyntax use when use.GlobalKeyword.IsKind(SyntaxKind.GlobalKeyword) => use.ToString(),
        MethodDeclarationSyntax method when method.ParameterList.Parameters.FirstOrDefault()?.Modifiers.Any(SyntaxKind.ThisKeyword) == true =>
            method.Identifier.Text + method.ParameterList,
        _ => null,
    };

    private static string Path(SyntaxNode? parent) => parent switch
    {
        BaseNamespaceDeclarationSyntax space => $"{Path(space.Parent)}{space.Name}.",
        BaseTypeDeclarationSyntax type => $"{Path(type.Parent)}{type.Identifier.Text}+",
        null => "",
        _ => Path(parent.Parent),
    };

    private static string Tokens(IEnumerable<SyntaxToken> tokens)
    {
        var text = new StringBuilder();
        foreach (var token in tokens)
            text.Append(token.Text).Append(' ');
        return text.ToString();
    }
}
