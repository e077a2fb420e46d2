using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MomentumCore.Kernels.Compiler.Lowering;

/// <summary>
/// The source of XMath, which the compiler carries along: in a project that has only the package, its functions are
/// compiled into kernels from here.
/// </summary>
internal static class DialectSource
{
    private static readonly ConditionalWeakTable<Compilation, Compilation> Extended = new();
    private static readonly ConditionalWeakTable<CSharpParseOptions, SyntaxTree[]> Parsed = new();

    /// <summary>The method with a body that stands for one from the package, or null when it is not XMath's.</summary>
    public static IMethodSymbol? Find(Compilation compilation, IMethodSymbol method, CancellationToken cancel)
    {
        if (!TypeRules.IsDialect(method.ContainingType, "XMath"))
            return null;
        var extended = Extended.GetValue(compilation, Extend);
        cancel.ThrowIfCancellationRequested();
        return extended.Assembly.GetTypeByMetadataName($"{TypeRules.Dialect}.XMath")?.GetMembers(method.Name).OfType<IMethodSymbol>()
            .FirstOrDefault(m => m.Parameters.Select(p => p.Type.SpecialType).SequenceEqual(method.Parameters.Select(p => p.Type.SpecialType)));
    }

    /// <summary>The compilation in which a symbol's source can be asked for its meaning.</summary>
    public static Compilation Owner(Compilation compilation, SyntaxTree tree) =>
        compilation.ContainsSyntaxTree(tree) ? compilation : Extended.GetValue(compilation, Extend);

    private static Compilation Extend(Compilation compilation)
    {
        var options = compilation.SyntaxTrees.FirstOrDefault()?.Options as CSharpParseOptions ?? CSharpParseOptions.Default;
        return compilation.AddSyntaxTrees(Parsed.GetValue(options, Parse));
    }

    private static SyntaxTree[] Parse(CSharpParseOptions options) => [.. Texts().Select(t => CSharpSyntaxTree.ParseText(t, options))];

    private static IEnumerable<string> Texts()
    {
        var assembly = typeof(DialectSource).Assembly;
        foreach (string name in assembly.GetManifestResourceNames().Where(n => n.EndsWith(".cs", System.StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            // The project that it is compiled into need not have implicit usings.
            yield return "using System;\n" + reader.ReadToEnd();
        }
    }
}
