using System.Collections.Generic;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MomentumCore.Kernels.Compiler.Incremental;

/// <summary>A kernel in one compilation, on the way to its generated text.</summary>
/// <remarks>
/// The driver makes a site for every kernel after every edit and compares it with the one before. Two sites are the same
/// when nothing that the first one's text was made from has changed, and then no text is made. A site lets go of its
/// compilation as soon as it has been used.
/// </remarks>
internal sealed class KernelSite
{
    private Use? _use;
    private Footprint? _footprint;

    private KernelSite(string hintName, Use use)
    {
        HintName = hintName;
        _use = use;
    }

    /// <summary>Whether a later site would get the same text.</summary>
    public static IEqualityComparer<KernelSite> SameText { get; } = new Comparer();

    /// <summary>The name of the generated file.</summary>
    public string HintName { get; }

    public static KernelSite At(GeneratorAttributeSyntaxContext context) => new(
        Hint(context),
        new Use((MethodDeclarationSyntax)context.TargetNode, (IMethodSymbol)context.TargetSymbol, context.Attributes[0], context.SemanticModel.Compilation));

    public static string Hint(GeneratorAttributeSyntaxContext context) =>
        context.TargetSymbol.ContainingType.ToDisplayString() + "." + context.TargetSymbol.Name + ".g.cs";

    /// <summary>The kernel's text, and from then on what it was made from.</summary>
    public GeneratedKernel Generate(CancellationToken cancel)
    {
        var use = _use ?? throw new System.InvalidOperationException($"The text of {HintName} has been made already.");
        bool isFirst = KernelGenerator.IsFirst(use.Symbol);
        var kernel = KernelGenerator.Generate(HintName, use.Method, use.Symbol, use.Attribute, isFirst, use.Compilation, cancel);
        // Messages have places, which any edit above them moves: they are looked for again.
        _footprint = kernel.Problems.Count > 0 ? null : Footprint.Of(use.Method, isFirst, use.Compilation, cancel);
        _use = null;
        return kernel;
    }

    private sealed record Use(MethodDeclarationSyntax Method, IMethodSymbol Symbol, AttributeData Attribute, Compilation Compilation);

    private sealed class Comparer : IEqualityComparer<KernelSite>
    {
        public bool Equals(KernelSite? x, KernelSite? y)
        {
            if (x == null || y == null || x.HintName != y.HintName)
                return ReferenceEquals(x, y);
            var (before, after) = x._footprint != null ? (x, y) : (y, x);
            if (before._footprint == null || after._use == null || !before._footprint.Holds(after._use.Compilation))
                return ReferenceEquals(x, y);
            // Whichever of the two the driver keeps knows the footprint and holds no compilation.
            after._footprint = before._footprint;
            after._use = null;
            return true;
        }

        public int GetHashCode(KernelSite site) => site.HintName.GetHashCode();
    }
}
