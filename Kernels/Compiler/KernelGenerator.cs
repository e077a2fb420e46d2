using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using MomentumCore.Kernels.Compiler.Ir;
using MomentumCore.Kernels.Compiler.Lowering;
using MomentumCore.Kernels.Compiler.Rules;

namespace MomentumCore.Kernels.Compiler;

/// <summary>Adds launchers, the double form and the strided form to every [Kernel] method.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class KernelGenerator : IIncrementalGenerator
{
    private const string Attribute = "MomentumCore.Kernels.Dialect.KernelAttribute";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var kernels = context.SyntaxProvider.ForAttributeWithMetadataName(
            Attribute,
            static (node, _) => node is MethodDeclarationSyntax,
            static (ctx, cancel) => Generate(ctx, cancel));
        context.RegisterSourceOutput(kernels, static (output, kernel) =>
        {
            foreach (var problem in kernel.Problems)
                output.ReportDiagnostic(problem.ToDiagnostic());
            if (kernel.Text.Length > 0)
                output.AddSource(kernel.HintName, kernel.Text);
        });
    }

    private static GeneratedKernel Generate(GeneratorAttributeSyntaxContext context, CancellationToken cancel)
    {
        var method = (MethodDeclarationSyntax)context.TargetNode;
        var symbol = (IMethodSymbol)context.TargetSymbol;
        string hint = symbol.ContainingType.ToDisplayString() + "." + symbol.Name + ".g.cs";
        var problems = DeclarationRules.Check(method, symbol);
        if (problems.Count > 0)
            return new GeneratedKernel(hint, "", problems);

        cancel.ThrowIfCancellationRequested();
        var options = context.Attributes[0].NamedArguments.ToDictionary(a => a.Key, a => a.Value.Value);
        bool integers = options.TryGetValue("Integers", out object? i) && i is true;
        bool floatOnly = options.TryGetValue("FloatOnly", out object? f) && f is true;
        var type = (TypeDeclarationSyntax)method.Parent!;
        bool first = type.Members.OfType<MethodDeclarationSyntax>().First(IsKernel) == method && IsFirstPart(symbol, type);
        if (Lowerer.Lower(symbol, context.SemanticModel.Compilation, Scalar.F32, cancel, out var rejections) == null)
            return new GeneratedKernel(hint, "", [.. rejections.Select(r => new KernelProblem(r.Rule, r.Message, r.Where.GetLocation())).Distinct()]);
        string text = new KernelWriter(
            method, symbol, type, first, integers, floatOnly, context.SemanticModel.Compilation, cancel).Write();
        return new GeneratedKernel(hint, text, problems);
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

/// <summary>The text made for one kernel; equal when the text is, so that unchanged kernels cost nothing.</summary>
internal sealed class GeneratedKernel : IEquatable<GeneratedKernel>
{
    public GeneratedKernel(string hintName, string text, List<KernelProblem> problems)
    {
        HintName = hintName;
        Text = text;
        Problems = problems;
    }

    public string HintName { get; }

    public string Text { get; }

    public List<KernelProblem> Problems { get; }

    public bool Equals(GeneratedKernel? other) =>
        other != null && HintName == other.HintName && Text == other.Text && Problems.SequenceEqual(other.Problems);

    public override bool Equals(object? obj) => Equals(obj as GeneratedKernel);

    public override int GetHashCode() => HintName.GetHashCode() ^ Text.GetHashCode();
}
