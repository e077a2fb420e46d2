using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MomentumCore.Kernels.Compiler;

/// <summary>Rewrites a kernel written for float into another element type.</summary>
internal sealed class Retyper : CSharpSyntaxRewriter
{
    private readonly SyntaxKind _keyword;
    private readonly string? _view;

    /// <param name="keyword">The element type that float becomes; FloatKeyword leaves it.</param>
    /// <param name="view">The type that ArrayView becomes, or null to leave it.</param>
    public Retyper(SyntaxKind keyword, string? view)
    {
        _keyword = keyword;
        _view = view;
    }

    public override SyntaxNode? VisitPredefinedType(PredefinedTypeSyntax node) =>
        node.Keyword.IsKind(SyntaxKind.FloatKeyword)
            ? node.WithKeyword(SyntaxFactory.Token(node.Keyword.LeadingTrivia, _keyword, node.Keyword.TrailingTrivia))
            : base.VisitPredefinedType(node);

    public override SyntaxNode? VisitIdentifierName(IdentifierNameSyntax node) =>
        node.Identifier.Text == "MathF" && _keyword != SyntaxKind.FloatKeyword
            ? SyntaxFactory.IdentifierName("Math").WithTriviaFrom(node)
            : base.VisitIdentifierName(node);

    public override SyntaxNode? VisitGenericName(GenericNameSyntax node)
    {
        var visited = (GenericNameSyntax)base.VisitGenericName(node)!;
        return _view != null && node.Identifier.Text == "ArrayView"
            ? visited.WithIdentifier(SyntaxFactory.Identifier(_view))
            : visited;
    }

    // 0.1f becomes 0.1 (not the rounded 0.1f widened): the source digits are what the author meant.
    public override SyntaxNode? VisitLiteralExpression(LiteralExpressionSyntax node)
    {
        string text = node.Token.Text;
        bool isFloat = node.IsKind(SyntaxKind.NumericLiteralExpression) && (text.EndsWith("f") || text.EndsWith("F"))
            && !text.StartsWith("0x") && !text.StartsWith("0X");
        if (!isFloat || _keyword == SyntaxKind.FloatKeyword)
            return base.VisitLiteralExpression(node);
        string digits = text.Substring(0, text.Length - 1).Replace("_", "");
        if (_keyword == SyntaxKind.DoubleKeyword)
        {
            return SyntaxFactory.LiteralExpression(
                SyntaxKind.NumericLiteralExpression,
                SyntaxFactory.Literal(node.Token.LeadingTrivia, digits + "d", double.Parse(digits, CultureInfo.InvariantCulture), node.Token.TrailingTrivia));
        }

        int whole = (int)double.Parse(digits, CultureInfo.InvariantCulture);
        return SyntaxFactory.LiteralExpression(
            SyntaxKind.NumericLiteralExpression,
            SyntaxFactory.Literal(node.Token.LeadingTrivia, whole.ToString(CultureInfo.InvariantCulture), whole, node.Token.TrailingTrivia));
    }
}
