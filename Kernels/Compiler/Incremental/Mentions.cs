using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MomentumCore.Kernels.Compiler.Incremental;

/// <summary>What the declarations of one compilation mention, looked up once for all kernels that share them.</summary>
internal sealed class Mentions
{
    private static readonly ConditionalWeakTable<Compilation, Mentions> Known = new();

    private readonly Compilation _compilation;
    private readonly Dictionary<SyntaxTree, SemanticModel> _models = [];
    private readonly Dictionary<SyntaxNode, IReadOnlyCollection<SyntaxNode>> _direct = [];

    private Mentions(Compilation compilation) => _compilation = compilation;

    public static Mentions Of(Compilation compilation) => Known.GetValue(compilation, static c => new Mentions(c));

    /// <summary>The declarations in source that a declaration and all that it mentions lead to.</summary>
    public HashSet<SyntaxNode> From(IEnumerable<SyntaxNode> declarations, CancellationToken cancel)
    {
        var seen = new HashSet<SyntaxNode>();
        var waiting = new Stack<SyntaxNode>(declarations);
        lock (_direct)
        {
            while (waiting.Count > 0)
            {
                cancel.ThrowIfCancellationRequested();
                var node = waiting.Pop();
                if (!seen.Add(node))
                    continue;
                foreach (var next in Direct(node, cancel))
                    waiting.Push(next);
            }
        }

        return seen;
    }

    private IReadOnlyCollection<SyntaxNode> Direct(SyntaxNode node, CancellationToken cancel)
    {
        if (_direct.TryGetValue(node, out var known))
            return known;
        // A class stands for its declarations alone; a struct leads to the types of its fields.
        var within = node is ClassDeclarationSyntax ? [] : node.DescendantNodes().OfType<SimpleNameSyntax>();
        var found = new HashSet<SyntaxNode>();
        foreach (var name in within)
        {
            var info = Model(node.SyntaxTree).GetSymbolInfo(name, cancel);
            foreach (var symbol in info.Symbol != null ? [info.Symbol] : info.CandidateSymbols)
                found.UnionWith(Declarations(symbol, cancel));
        }

        foreach (var use in node.SyntaxTree.GetCompilationUnitRoot(cancel).Usings.Where(u => u.StaticKeyword != default && u.NamespaceOrType != null))
        {
            if (Model(node.SyntaxTree).GetSymbolInfo(use.NamespaceOrType, cancel).Symbol is { } type)
                found.UnionWith(Declarations(type, cancel));
        }

        return _direct[node] = found;
    }

    private static IEnumerable<SyntaxNode> Declarations(ISymbol symbol, CancellationToken cancel)
    {
        if (symbol is not (IMethodSymbol or IFieldSymbol or IPropertySymbol or INamedTypeSymbol))
            return [];
        // In the double form of a kernel, XMath.Exp(float) stands for XMath.Exp(double), and so with helpers of other classes.
        IEnumerable<ISymbol> symbols = symbol is IMethodSymbol { ContainingType: { } owner } ? owner.GetMembers(symbol.Name) : [symbol];
        return symbols.Concat(Types(symbol as INamedTypeSymbol ?? symbol.ContainingType))
            .SelectMany(s => s.DeclaringSyntaxReferences).Select(r => r.GetSyntax(cancel));
    }

    private static IEnumerable<ISymbol> Types(INamedTypeSymbol? type)
    {
        for (; type != null && type.SpecialType == SpecialType.None; type = type.BaseType)
            yield return type;
    }

    private SemanticModel Model(SyntaxTree tree) =>
        _models.TryGetValue(tree, out var model) ? model : _models[tree] = _compilation.GetSemanticModel(tree);
}
