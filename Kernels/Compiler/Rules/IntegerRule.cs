using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using MomentumCore.Kernels.Compiler.Lowering;

namespace MomentumCore.Kernels.Compiler.Rules;

/// <summary>A kernel that is made for int and long too calls only what gives integers there.</summary>
internal static class IntegerRule
{
    public static IEnumerable<Diagnostic> Check(MethodDeclarationSyntax method, IMethodSymbol symbol, Compilation compilation, CancellationToken cancel)
    {
        var attribute = symbol.GetAttributes().FirstOrDefault(a => TypeRules.IsDialect(a.AttributeClass, "KernelAttribute"));
        if (attribute?.NamedArguments.Any(a => a.Key == "Integers" && a.Value.Value is true) != true)
            return [];
        var model = compilation.GetSemanticModel(method.SyntaxTree);
        SyntaxNode body = (SyntaxNode?)method.Body ?? method.ExpressionBody!;
        return
            from name in body.DescendantNodes().OfType<SimpleNameSyntax>()
            let used = model.GetSymbolInfo(name, cancel).Symbol
            where used is IMethodSymbol { MethodKind: MethodKind.Ordinary } or IFieldSymbol { IsConst: true }
            where SpeaksOfFloats(used) && !HasIntegers(used)
            select KernelCheck.Problem(
                KernelRule.NoDoubleForm, name.GetLocation(),
                $"'{used.ContainingType.Name}.{used.Name}' has no form for int and long, which Integers = true asks for; write it out, or drop Integers");
    }

    private static bool SpeaksOfFloats(ISymbol used) => used is IMethodSymbol method
        ? method.Parameters.Select(p => p.Type).Append(method.ReturnType).Any(IsFloat)
        : IsFloat(((IFieldSymbol)used).Type);

    private static bool IsFloat(ITypeSymbol type) => type.SpecialType is SpecialType.System_Single or SpecialType.System_Double;

    /// <summary>Whether integers have it too, as Max and MaxValue.</summary>
    private static bool HasIntegers(ISymbol used)
    {
        if (used is IFieldSymbol)
            return used.ContainingType.SpecialType == SpecialType.System_Single && used.Name is "MaxValue" or "MinValue";
        if (used.ContainingType is { Name: "Math" or "MathF", ContainingNamespace.Name: "System" })
            return used.Name is "Abs" or "Min" or "Max";
        return TypeRules.IsDialect(used.ContainingType, "Atomic") || TypeRules.IsDialect(used.ContainingType, "Group")
            || used.ContainingType.GetMembers(used.Name).OfType<IMethodSymbol>().Any(m =>
                m.ReturnType.SpecialType == SpecialType.System_Int32 && !m.Parameters.Any(p => IsFloat(p.Type)));
    }
}
