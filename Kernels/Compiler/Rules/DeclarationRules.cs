using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using MomentumCore.Kernels.Compiler.Lowering;

namespace MomentumCore.Kernels.Compiler.Rules;

/// <summary>The rules that a kernel's declaration has to keep before anything can be generated for it.</summary>
internal static class DeclarationRules
{
    public static List<Diagnostic> Check(MethodDeclarationSyntax method, IMethodSymbol symbol)
    {
        var problems = new List<Diagnostic>();
        void Report(Location where, string message) => problems.Add(KernelCheck.Problem(KernelRule.Declaration, where, message));

        const string Shape = "must be a static void method without type parameters";
        if (!symbol.IsStatic)
            Report(method.Identifier.GetLocation(), $"kernel '{symbol.Name}' {Shape}: add 'static'");
        if (!symbol.ReturnsVoid)
            Report(method.ReturnType.GetLocation(), $"kernel '{symbol.Name}' {Shape}: write the result to a view");
        if (symbol.IsGenericMethod)
            Report(method.TypeParameterList!.GetLocation(), $"kernel '{symbol.Name}' {Shape}: write it for float, the double form is made from it");
        if (method.Body == null && method.ExpressionBody == null)
            Report(method.Identifier.GetLocation(), $"kernel '{symbol.Name}' must have a body");
        if (symbol.IsAsync)
            Report(method.Modifiers.First(m => m.IsKind(SyntaxKind.AsyncKeyword)).GetLocation(), $"kernel '{symbol.Name}' cannot be async");
        // The generated launchers are overloads of it: a second kernel of the name would give the same ones.
        if (symbol.ContainingType.GetMembers(symbol.Name).FirstOrDefault(IsKernel) is { } first && !SymbolEqualityComparer.Default.Equals(first, symbol))
            Report(method.Identifier.GetLocation(), $"there is another kernel '{symbol.Name}' in this class: its launchers would be the same");
        Class(method, symbol, problems);
        Overloads(method, symbol, problems);
        if (symbol.Parameters.Length == 0)
            Report(method.ParameterList.GetLocation(), $"kernel '{symbol.Name}' takes nothing: it needs a view to write to");
        else if (TypeRules.AxesOf(symbol) > 0 && symbol.Parameters[0].RefKind != RefKind.None)
            Report(method.ParameterList.Parameters[0].GetLocation(), $"the index of kernel '{symbol.Name}' is passed by value");
        else if (TypeRules.AxesOf(symbol) == 0 && symbol.Parameters.FirstOrDefault(p => IsIndex(p.Type)) is { } late)
            Report(method.ParameterList.Parameters[late.Ordinal].GetLocation(), $"the index '{late.Name}' of kernel '{symbol.Name}' is not its first parameter: put it first; a kernel in groups takes sizes as int");
        foreach (var (parameter, syntax) in symbol.Parameters.Zip(method.ParameterList.Parameters, (p, s) => (p, s)).Skip(TypeRules.AxesOf(symbol) > 0 ? 1 : 0))
        {
            if (ParameterRules.Refusal(parameter) is { } reason)
                problems.Add(KernelCheck.Problem(KernelRule.Parameter, syntax.GetLocation(), $"no device can be handed '{parameter.Name}' of kernel '{symbol.Name}': {reason}"));
        }

        if (problems.Count == 0 && !symbol.Parameters.Any(p => HoldsView(p.Type))) // with 'in' alone: MC0010 where it writes
            Report(method.Identifier.GetLocation(), $"kernel '{symbol.Name}' has nothing to write to: it needs a view");
        return problems;
    }

    private static bool IsIndex(ITypeSymbol type) => new[] { "Index1D", "Index2D", "Index3D" }.Any(name => TypeRules.IsDialect(type, name));

    private static bool HoldsView(ITypeSymbol type) =>
        TypeRules.IsView(type) || (TypeRules.FieldsOf(type) is { } fields && fields.Any(f => HoldsView(f.Type)));

    // Generated classes that hold copies of kernels.
    private static readonly HashSet<string> Forms = ["Float64", "Int32", "Int64", "StridedFloat32", "StridedFloat64", "StridedInt32", "StridedInt64"];

    /// <summary>No method beside a kernel looks like its launchers.</summary>
    private static void Overloads(MethodDeclarationSyntax method, IMethodSymbol symbol, List<Diagnostic> problems)
    {
        int axes = TypeRules.AxesOf(symbol);
        string start = axes switch
        {
            0 => "MomentumCore.Kernels.Devices.KernelConfig",
            1 => "int",
            _ => symbol.Parameters[0].Type.ToDisplayString(),
        };
        var rest = symbol.Parameters.Skip(axes > 0 ? 1 : 0).Select(p => p.Type.ToDisplayString()).ToList();
        foreach (var other in symbol.ContainingType.GetMembers(symbol.Name).OfType<IMethodSymbol>())
        {
            string[] types = [.. other.Parameters.Select(p => p.Type.ToDisplayString())];
            bool isSame = types.Length == rest.Count + 2 && types[0] == "MomentumCore.Kernels.Devices.Device"
                && (types[1] == start || types[1].EndsWith(".StridedLayout", System.StringComparison.Ordinal))
                && rest.Zip(types.Skip(2), (a, b) => a == b || a.Replace("float", "double") == b).All(same => same);
            if (isSame && !other.DeclaringSyntaxReferences.All(IsGenerated))
            {
                problems.Add(KernelCheck.Problem(
                    KernelRule.Declaration, method.Identifier.GetLocation(), $"there is a method '{symbol.Name}' like a launcher of this kernel: give one of them another name"));
                return;
            }
        }
    }

    // The analyzer sees generated code too.
    private static bool IsGenerated(SyntaxReference part) => part.SyntaxTree.FilePath.EndsWith(".g.cs", System.StringComparison.Ordinal);

    private static bool IsKernel(ISymbol symbol) => symbol.GetAttributes().Any(a => TypeRules.IsDialect(a.AttributeClass, "KernelAttribute"));

    private static void Class(MethodDeclarationSyntax method, IMethodSymbol symbol, List<Diagnostic> problems)
    {
        const string Why = "its launcher is added there";
        if (method.Parent is not ClassDeclarationSyntax type)
        {
            problems.Add(KernelCheck.Problem(
                KernelRule.Declaration, method.Identifier.GetLocation(), $"kernel '{symbol.Name}' must stand in a partial class: {Why}"));
        }
        else if (type.Parent is TypeDeclarationSyntax || type.TypeParameterList != null)
        {
            problems.Add(KernelCheck.Problem(
                KernelRule.Declaration, type.Identifier.GetLocation(),
                $"the class of kernel '{symbol.Name}' must be partial and not nested or generic: {Why}"));
        }
        else if (type.Modifiers.Any(SyntaxKind.FileKeyword))
        {
            problems.Add(KernelCheck.Problem(
                KernelRule.Declaration, type.Identifier.GetLocation(), $"the class of kernel '{symbol.Name}' cannot be 'file': {Why}, from another file"));
        }
        else if (symbol.ContainingType.GetTypeMembers().FirstOrDefault(t => Forms.Contains(t.Name) && t.DeclaringSyntaxReferences.Any(r => !IsGenerated(r))) is { } taken)
        {
            problems.Add(KernelCheck.Problem(
                KernelRule.Declaration, type.Identifier.GetLocation(),
                $"the class of kernel '{symbol.Name}' has a type '{taken.Name}', as the other forms of its kernels are called: give it another name"));
        }
        else if (!type.Modifiers.Any(SyntaxKind.PartialKeyword))
        {
            problems.Add(KernelCheck.Problem(
                KernelRule.Declaration, type.Identifier.GetLocation(), $"the class of kernel '{symbol.Name}' must be partial: {Why}",
                new KernelFix("Add 'partial'", type.Keyword.GetLocation(), "partial class")));
        }
    }
}
