using System;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using MomentumCore.Kernels.Compiler.Rules;

namespace MomentumCore.Kernels.Compiler;

/// <summary>Adds launchers, the double form and the strided form to every [Kernel] method.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class KernelGenerator : IIncrementalGenerator
{
    internal const string Attribute = "MomentumCore.Kernels.Dialect.KernelAttribute";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var kernels = context.SyntaxProvider.ForAttributeWithMetadataName(
            Attribute,
            static (node, _) => node is MethodDeclarationSyntax,
            static (ctx, cancel) => Generate(ctx, cancel));
        var reports = context.AnalyzerConfigOptionsProvider.Select(static (options, _) => !AnalyzersRun(options.GlobalOptions));
        context.RegisterSourceOutput(kernels.Combine(reports), static (output, pair) =>
        {
            var (kernel, isReported) = pair;
            foreach (var problem in kernel.Problems.Where(_ => isReported))
                output.ReportDiagnostic(problem.ToDiagnostic());
            if (kernel.Text.Length > 0)
                output.AddSource(kernel.HintName, kernel.Text);
        });
    }

    /// <summary>
    /// Whether <see cref="KernelAnalyzer"/> reports what is wrong with kernels. It does not when a build switches analyzers
    /// off; MomentumCore.Kernels.props makes the two properties visible here.
    /// </summary>
    private static bool AnalyzersRun(AnalyzerConfigOptions options) =>
        options.TryGetValue("build_property.RunAnalyzers", out string? run) && !IsFalse(run)
        && options.TryGetValue("build_property.RunAnalyzersDuringBuild", out run) && !IsFalse(run);

    private static bool IsFalse(string value) => value.Equals("false", StringComparison.OrdinalIgnoreCase);

    private static GeneratedKernel Generate(GeneratorAttributeSyntaxContext context, CancellationToken cancel)
    {
        var method = (MethodDeclarationSyntax)context.TargetNode;
        var symbol = (IMethodSymbol)context.TargetSymbol;
        string hint = symbol.ContainingType.ToDisplayString() + "." + symbol.Name + ".g.cs";
        var problems = KernelCheck.Errors(method, symbol, context.SemanticModel.Compilation, cancel);
        if (problems.Count > 0)
            return new GeneratedKernel(hint, "", [.. problems.Select(KernelProblem.From)]);
        var type = (TypeDeclarationSyntax)method.Parent!;
        bool first = type.Members.OfType<MethodDeclarationSyntax>().First(IsKernel) == method && IsFirstPart(symbol, type);
        string text = new KernelWriter(method, symbol, type, first, context.Attributes[0], context.SemanticModel.Compilation, cancel).Write();
        return new GeneratedKernel(hint, text, []);
    }

    internal static bool IsKernel(MethodDeclarationSyntax method) =>
        method.AttributeLists.SelectMany(l => l.Attributes).Any(a => a.Name.ToString() is "Kernel" or "KernelAttribute");

    // Helpers are copied once per class: with the part that comes first.
    private static bool IsFirstPart(IMethodSymbol symbol, TypeDeclarationSyntax type)
    {
        var parts = symbol.ContainingType.DeclaringSyntaxReferences
            .Select(r => r.GetSyntax()).OfType<TypeDeclarationSyntax>()
            .Where(t => t.Members.OfType<MethodDeclarationSyntax>().Any(IsKernel))
            .OrderBy(t => t.SyntaxTree.FilePath, StringComparer.Ordinal);
        return parts.First() == type;
    }
}
