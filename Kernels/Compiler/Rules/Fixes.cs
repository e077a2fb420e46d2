using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using MomentumCore.Kernels.Compiler.Lowering;

namespace MomentumCore.Kernels.Compiler.Rules;

/// <summary>Finds the mechanical way to put something right, where there is one.</summary>
internal static class Fixes
{
    public static KernelFix? For(DiagnosticDescriptor rule, SyntaxNode where, Compilation compilation)
    {
        if (rule == KernelRule.UnknownMethod && where is InvocationExpressionSyntax call)
            return Method(call, compilation);
        if (rule == KernelRule.ReadOnlyView && where is ElementAccessExpressionSyntax { Expression: IdentifierNameSyntax view })
            return Writable(view);
        return null;
    }

    private static KernelFix? Method(InvocationExpressionSyntax call, Compilation compilation)
    {
        if (call.Expression is not MemberAccessExpressionSyntax { Name.Identifier.Text: var name, Expression: var owner })
            return null;
        string type = owner.ToString().Split('.').Last();
        if (type is not ("Math" or "MathF"))
            return null;
        string[] a = [.. call.ArgumentList.Arguments.Select(x => x.Expression.ToString())];
        if (name == "Clamp" && a.Length == 3)
            return new KernelFix("Use Min and Max", call.GetLocation(), $"{owner}.Min({owner}.Max({a[0]}, {a[1]}), {a[2]})");
        if (name == "FusedMultiplyAdd" && a.Length == 3)
            return new KernelFix("Multiply, then add", call.GetLocation(), $"(({Factor(call, 0)} * {Factor(call, 1)}) + {Factor(call, 2)})");
        bool isThere = compilation.GetTypeByMetadataName($"{TypeRules.Dialect}.XMath")?.GetMembers(name).IsEmpty == false;
        return isThere ? new KernelFix($"Use XMath.{name}", call.Expression.GetLocation(), $"XMath.{name}") : null;
    }

    private static string Factor(InvocationExpressionSyntax call, int argument)
    {
        var value = call.ArgumentList.Arguments[argument].Expression;
        bool isSimple = value is IdentifierNameSyntax or LiteralExpressionSyntax or ParenthesizedExpressionSyntax or InvocationExpressionSyntax
            or ElementAccessExpressionSyntax or MemberAccessExpressionSyntax;
        return isSimple ? value.ToString() : $"({value})";
    }

    /// <summary>Drops the 'in' of the parameter that a view is.</summary>
    private static KernelFix? Writable(IdentifierNameSyntax view)
    {
        var parameter = view.FirstAncestorOrSelf<MethodDeclarationSyntax>()?.ParameterList.Parameters
            .FirstOrDefault(p => p.Identifier.Text == view.Identifier.Text);
        var modifier = parameter?.Modifiers.FirstOrDefault(m => m.IsKind(SyntaxKind.InKeyword)) ?? default;
        return modifier == default
            ? null
            : new KernelFix("Drop 'in'", Location.Create(view.SyntaxTree, modifier.FullSpan), "");
    }
}
