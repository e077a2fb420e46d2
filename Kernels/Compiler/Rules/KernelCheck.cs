using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using MomentumCore.Kernels.Compiler.Ir;
using MomentumCore.Kernels.Compiler.Lowering;

namespace MomentumCore.Kernels.Compiler.Rules;

/// <summary>All that is wrong with a kernel: what the analyzer reports, and the generator where no analyzer runs.</summary>
internal static class KernelCheck
{
    /// <summary>The errors of a kernel; empty when it can be compiled.</summary>
    public static List<Diagnostic> Errors(MethodDeclarationSyntax method, IMethodSymbol symbol, Compilation compilation, CancellationToken cancel)
    {
        var problems = DeclarationRules.Check(method, symbol);
        // Without an index or with parameters of no known kind the body's meaning is open; a missing 'partial' leaves it as it is.
        if (problems.Any(p => !p.Properties.ContainsKey(KernelFix.ReplacementKey)))
            return problems;
        var launches = LaunchRule.Find(method, compilation, cancel);
        problems.AddRange(launches.Select(l => Problem(KernelRule.UnknownMethod, l.Call.GetLocation(), LaunchRule.Message(l.Kernel))));
        var tree = Lowerer.Lower(symbol, compilation, Scalar.F32, cancel, out var rejections, KernelGenerator.HasDouble(method, symbol));
        foreach (var rejection in rejections)
        {
            if (launches.Any(l => l.Call.SyntaxTree == rejection.Where.SyntaxTree && l.Call.Span.Contains(rejection.Where.Span))
                || IsWrongAnyway(rejection.Where, compilation, cancel))
                continue;
            // A rejection inside the compiler's own copy of XMath has no place in the project.
            var where = compilation.ContainsSyntaxTree(rejection.Where.SyntaxTree) ? rejection.Where.GetLocation() : method.Identifier.GetLocation();
            var fix = Fixes.For(rejection.Rule, rejection.Where, compilation);
            // Builds show messages only: what the editor would write is part of them where it says more.
            string message = fix is { Replacement: var text } && rejection.Rule == KernelRule.UnknownMethod && !rejection.Message.Contains(text)
                ? $"{rejection.Message}: {text}"
                : rejection.Message;
            problems.Add(Problem(rejection.Rule, where, message, fix));
        }

        if (compilation.Options is CSharpCompilationOptions { AllowUnsafe: false }
            && (TypeRules.AxesOf(symbol) == 0 || (tree != null && Types.UsesPrivateArrays(tree))))
        {
            problems.Add(Problem(
                KernelRule.NoPointers, method.Identifier.GetLocation(),
                $"what is generated for kernel '{symbol.Name}' uses pointers, as for every kernel with groups or arrays of its " +
                "own: put <AllowUnsafeBlocks>true</AllowUnsafeBlocks> into the project"));
        }

        problems.AddRange(IntegerRule.Check(method, symbol, compilation, cancel));
        return [.. problems.GroupBy(Key).Select(same => same.First())];
    }

    /// <summary>What is the same for two reports of one mistake; diagnostics themselves compare texts by reference.</summary>
    public static (string Id, Location Where, string Message) Key(Diagnostic problem) => (problem.Id, problem.Location, problem.GetMessage());

    /// <summary>What the C# compiler refuses needs no second message.</summary>
    private static bool IsWrongAnyway(SyntaxNode where, Compilation compilation, CancellationToken cancel) =>
        compilation.ContainsSyntaxTree(where.SyntaxTree)
        && compilation.GetSemanticModel(where.SyntaxTree).GetDiagnostics(where.Span, cancel).Any(d => d.Severity == DiagnosticSeverity.Error);

    public static Diagnostic Problem(DiagnosticDescriptor rule, Location where, string message, KernelFix? fix = null) => fix == null
        ? Diagnostic.Create(rule, where, message)
        : Diagnostic.Create(rule, where, [fix.Where], fix.Properties, message);
}
