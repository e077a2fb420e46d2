using System;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using MomentumCore.Kernels.Compiler.Incremental;
using MomentumCore.Kernels.Compiler.Rules;

namespace MomentumCore.Kernels.Compiler;

/// <summary>Adds launchers, the double form and the strided form to every [Kernel] method.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class KernelGenerator : IIncrementalGenerator
{
    internal const string Attribute = "MomentumCore.Kernels.Dialect.KernelAttribute";

    // The steps' names, for tests of what an edit makes run again.
    internal const string SiteStep = "Site";
    internal const string TextStep = "Text";
    internal const string KernelStep = "Kernel";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var texts = context.SyntaxProvider
            .ForAttributeWithMetadataName(Attribute, IsMethod, static (kernel, _) => KernelSite.At(kernel))
            .WithComparer(KernelSite.SameText).WithTrackingName(SiteStep)
            .Select(static (site, cancel) => site.Generate(cancel)).WithTrackingName(TextStep);
        // An edit above a kernel moves it: its line is filled in afterwards.
        var lines = context.SyntaxProvider
            .ForAttributeWithMetadataName(Attribute, IsMethod, static (kernel, _) => KernelLine.Of(kernel)).Collect();
        var kernels = texts.Combine(lines).Select(static (pair, _) => pair.Left.At(pair.Right)).WithTrackingName(KernelStep);
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

    private static bool IsMethod(SyntaxNode node, CancellationToken cancel) => node is MethodDeclarationSyntax;

    /// <summary>
    /// Whether <see cref="KernelAnalyzer"/> reports what is wrong with kernels. It does not when a build switches analyzers
    /// off; MomentumCore.Kernels.props makes the two properties visible here.
    /// </summary>
    private static bool AnalyzersRun(AnalyzerConfigOptions options) =>
        options.TryGetValue("build_property.RunAnalyzers", out string? run) && !IsFalse(run)
        && options.TryGetValue("build_property.RunAnalyzersDuringBuild", out run) && !IsFalse(run);

    private static bool IsFalse(string value) => value.Equals("false", StringComparison.OrdinalIgnoreCase);

    internal static GeneratedKernel Generate(
        string hint, MethodDeclarationSyntax method, IMethodSymbol symbol, AttributeData attribute, bool isFirst, Compilation compilation, CancellationToken cancel)
    {
        var problems = KernelCheck.Errors(method, symbol, compilation, cancel);
        if (problems.Count > 0)
            return new GeneratedKernel(hint, "", [.. problems.Select(KernelProblem.From)]);
        string text = new KernelWriter(method, symbol, (TypeDeclarationSyntax)method.Parent!, isFirst, attribute, compilation, cancel).Write();
        return new GeneratedKernel(hint, text, []);
    }

    /// <summary>Helpers are copied once per class: with the first kernel of the part that comes first.</summary>
    internal static bool IsFirst(MethodDeclarationSyntax method, IMethodSymbol symbol) =>
        method.Parent is TypeDeclarationSyntax type && type.Members.OfType<MethodDeclarationSyntax>().First(IsKernel) == method && IsFirstPart(symbol, type);

    internal static bool IsKernel(MethodDeclarationSyntax method) =>
        method.AttributeLists.SelectMany(l => l.Attributes).Any(a => a.Name.ToString() is "Kernel" or "KernelAttribute");

    private static bool IsFirstPart(IMethodSymbol symbol, TypeDeclarationSyntax type)
    {
        var parts = symbol.ContainingType.DeclaringSyntaxReferences
            .Select(r => r.GetSyntax()).OfType<TypeDeclarationSyntax>()
            .Where(t => t.Members.OfType<MethodDeclarationSyntax>().Any(IsKernel))
            .OrderBy(t => t.SyntaxTree.FilePath, StringComparer.Ordinal);
        return parts.First() == type;
    }
}
