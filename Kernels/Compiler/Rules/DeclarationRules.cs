using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace MomentumCore.Kernels.Compiler.Rules;

/// <summary>The rules that a kernel's declaration has to keep before anything can be generated for it.</summary>
internal static class DeclarationRules
{
    public static List<KernelProblem> Check(MethodDeclarationSyntax method, IMethodSymbol symbol)
    {
        var problems = new List<KernelProblem>();
        void Report(string message, Location where) => problems.Add(new KernelProblem(KernelRule.Declaration, message, where));

        if (!symbol.IsStatic || !symbol.ReturnsVoid || symbol.IsGenericMethod)
            Report($"kernel '{symbol.Name}' must be a static void method without type parameters", method.Identifier.GetLocation());
        if (method.Parent is not ClassDeclarationSyntax type || !type.Modifiers.Any(m => m.Text == "partial") || type.Parent is TypeDeclarationSyntax)
            Report($"the class of kernel '{symbol.Name}' must be partial and not nested: its launcher is added there", method.Identifier.GetLocation());
        if (symbol.Parameters.Length == 0 || symbol.Parameters[0].Type.Name != "Index1D")
            Report($"the first parameter of kernel '{symbol.Name}' must be an Index1D", method.Identifier.GetLocation());
        foreach (var parameter in symbol.Parameters.Skip(1))
        {
            if (!parameter.Type.IsUnmanagedType)
            {
                Report(
                    $"kernel '{symbol.Name}' cannot take '{parameter.Name}' of type '{parameter.Type.ToDisplayString()}': " +
                    "pass an ArrayView<T>, a number or a struct of numbers",
                    parameter.Locations.FirstOrDefault() ?? method.Identifier.GetLocation());
            }
        }

        return problems;
    }
}

/// <summary>A broken rule, comparable by value so that the generator's cache can tell old from new.</summary>
internal sealed class KernelProblem : IEquatable<KernelProblem>
{
    private readonly DiagnosticDescriptor _rule;
    private readonly string _message;
    private readonly string _path;
    private readonly TextSpan _span;
    private readonly LinePositionSpan _lines;

    public KernelProblem(DiagnosticDescriptor rule, string message, Location where)
    {
        _rule = rule;
        _message = message;
        _path = where.SourceTree?.FilePath ?? "";
        _span = where.SourceSpan;
        _lines = where.GetLineSpan().Span;
    }

    public Diagnostic ToDiagnostic() =>
        Diagnostic.Create(_rule, Location.Create(_path, _span, _lines), _message);

    public bool Equals(KernelProblem? other) =>
        other != null && _rule.Id == other._rule.Id && _message == other._message && _path == other._path && _lines == other._lines;

    public override bool Equals(object? obj) => Equals(obj as KernelProblem);

    public override int GetHashCode() => _message.GetHashCode();
}
