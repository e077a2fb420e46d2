using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using MomentumCore.Kernels.Compiler.Rules;

namespace MomentumCore.Kernels.Compiler;

/// <summary>Reports what a kernel may not say, on the offending expression, while it is written.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class KernelAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => KernelRule.All;

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            // Kernels that share a broken helper report it once.
            var reported = new ConcurrentDictionary<(string, Location, string), bool>();
            start.RegisterSymbolAction(
                symbol => Analyze((IMethodSymbol)symbol.Symbol, symbol.Compilation, symbol.CancellationToken, diagnostic =>
                {
                    if (reported.TryAdd(KernelCheck.Key(diagnostic), true))
                        symbol.ReportDiagnostic(diagnostic);
                }),
                SymbolKind.Method);
        });
    }

    private static void Analyze(IMethodSymbol symbol, Compilation compilation, CancellationToken cancel, System.Action<Diagnostic> report)
    {
        var attribute = symbol.GetAttributes().FirstOrDefault(a => a.AttributeClass?.ToDisplayString() == KernelGenerator.Attribute);
        if (attribute == null || symbol.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(cancel) is not MethodDeclarationSyntax method)
            return;
        var errors = KernelCheck.Errors(method, symbol, compilation, cancel);
        foreach (var problem in errors.Count > 0 ? errors : KernelAdvice.For(method, symbol, attribute, compilation, cancel))
            report(problem);
    }
}
