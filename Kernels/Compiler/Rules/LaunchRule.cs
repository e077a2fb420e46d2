using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using MomentumCore.Kernels.Compiler.Lowering;

namespace MomentumCore.Kernels.Compiler.Rules;

/// <summary>A kernel launches no kernel: launchers run on the host.</summary>
/// <remarks>
/// While the generator runs its launchers are not there, so that C# knows no such overload. What is looked for is
/// therefore a call with a device of something that is a kernel by its name.
/// </remarks>
internal static class LaunchRule
{
    public static string Message(string kernel) =>
        $"a kernel cannot launch a kernel: '{kernel}' with a device runs on the host; launch one after the other, or move what both do to a static helper method";

    /// <summary>The launches in a kernel and in the helper methods that it calls.</summary>
    public static List<(InvocationExpressionSyntax Call, string Kernel)> Find(MethodDeclarationSyntax method, Compilation compilation, CancellationToken cancel)
    {
        var found = new List<(InvocationExpressionSyntax, string)>();
        var seen = new HashSet<SyntaxNode> { method };
        var open = new Queue<MethodDeclarationSyntax>(seen.Cast<MethodDeclarationSyntax>());
        while (open.Count > 0)
        {
            var body = open.Dequeue();
            var model = compilation.GetSemanticModel(body.SyntaxTree);
            foreach (var call in body.DescendantNodes().OfType<InvocationExpressionSyntax>())
            {
                var info = model.GetSymbolInfo(call, cancel);
                if (Launched(call, info, model, cancel) is { } kernel)
                    found.Add((call, kernel));
                else if (info.Symbol is { } helper)
                    Follow(helper);
            }
        }

        return found;

        void Follow(ISymbol helper)
        {
            foreach (var reference in helper.DeclaringSyntaxReferences)
            {
                if (compilation.ContainsSyntaxTree(reference.SyntaxTree) && reference.GetSyntax(cancel) is MethodDeclarationSyntax next && seen.Add(next))
                    open.Enqueue(next);
            }
        }
    }

    private static string? Launched(InvocationExpressionSyntax call, SymbolInfo info, SemanticModel model, CancellationToken cancel)
    {
        if (info.Symbol is IMethodSymbol target)
        {
            bool isLauncher = target.Parameters.Length > 0 && IsDevice(target.Parameters[0].Type) && target.ContainingType.GetMembers(target.Name).Any(IsKernel);
            return isLauncher ? target.Name : null;
        }

        return info.CandidateSymbols.FirstOrDefault(IsKernel) is { } kernel
            && call.ArgumentList.Arguments.FirstOrDefault() is { } first && IsDevice(model.GetTypeInfo(first.Expression, cancel).Type)
            ? kernel.Name
            : null;
    }

    private static bool IsKernel(ISymbol symbol) => symbol.GetAttributes().Any(a => TypeRules.IsDialect(a.AttributeClass, "KernelAttribute"));

    private static bool IsDevice(ITypeSymbol? type)
    {
        for (; type != null; type = type.BaseType)
        {
            if (type.Name == "Device" && type.ContainingNamespace?.ToDisplayString() == "MomentumCore.Kernels.Devices")
                return true;
        }

        return false;
    }
}
