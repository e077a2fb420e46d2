using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using MomentumCore.Kernels.Compiler.Lowering;
using MomentumCore.Kernels.Compiler.Printers.Simd;

namespace MomentumCore.Kernels.Compiler.Rules;

/// <summary>What a kernel that compiles could do better: messages, never errors.</summary>
internal static class KernelAdvice
{
    public static IEnumerable<Diagnostic> For(
        MethodDeclarationSyntax method, IMethodSymbol symbol, AttributeData options, Compilation compilation, CancellationToken cancel) =>
        Vectors(method, symbol, options, compilation, cancel).Concat(DoubleOnFloat(method, compilation.GetSemanticModel(method.SyntaxTree), cancel));

    private static IEnumerable<Diagnostic> Vectors(
        MethodDeclarationSyntax method, IMethodSymbol symbol, AttributeData options, Compilation compilation, CancellationToken cancel)
    {
        if (TypeRules.AxesOf(symbol) == 0)
            return [];
        string plain = $"'{symbol.Name}' runs one work item at a time on the CPU";
        var arguments = Argument.Of(method, symbol);
        if (MapRule.Obstacle(method, arguments) is { } obstacle)
            return [KernelCheck.Problem(KernelRule.NoVectors, obstacle.Where.GetLocation(), $"{plain}: {obstacle.Message}")];
        return
            from form in KernelForms.Of(method, arguments, options)
            let tree = Lowerer.Lower(symbol, compilation, KernelForms.ScalarOf(form), cancel, out _)
            let reason = tree == null ? null : new VectorLoop(tree, symbol.Name).Obstacle
            where reason != null
            group SyntaxFacts.GetText(form) by reason into same
            select KernelCheck.Problem(
                KernelRule.NoVectors, method.Identifier.GetLocation(), $"{plain} in {string.Join(", ", same)}: {same.Key}");
    }

    /// <summary>Math.Sqrt of a float: MathF.Sqrt gives a float, runs on devices without double, and fills twice the lanes.</summary>
    private static IEnumerable<Diagnostic> DoubleOnFloat(MethodDeclarationSyntax method, SemanticModel model, CancellationToken cancel) =>
        from call in method.DescendantNodes().OfType<InvocationExpressionSyntax>()
        where call.ArgumentList.Arguments.Count > 0
        let target = model.GetSymbolInfo(call, cancel).Symbol as IMethodSymbol
        where target is { ContainingType: { Name: "Math", ContainingNamespace.Name: "System" }, ReturnType.SpecialType: SpecialType.System_Double }
            && DeviceFunctions.Find(target) != null
            && call.ArgumentList.Arguments.All(a => model.GetTypeInfo(a.Expression, cancel).Type?.SpecialType == SpecialType.System_Single)
        select KernelCheck.Problem(
            KernelRule.DoubleOnFloat, call.Expression.GetLocation(),
            $"Math.{target.Name} computes in double; MathF.{target.Name} keeps to float, and the double form uses Math.{target.Name} all the same",
            new KernelFix($"Use MathF.{target.Name}", call.Expression.GetLocation(), $"MathF.{target.Name}"));
}
