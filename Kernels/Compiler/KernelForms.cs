using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using MomentumCore.Kernels.Compiler.Ir;

namespace MomentumCore.Kernels.Compiler;

/// <summary>The element types that a kernel written for float is made for.</summary>
internal static class KernelForms
{
    public static IReadOnlyList<SyntaxKind> Of(MethodDeclarationSyntax method, IEnumerable<Argument> arguments, AttributeData options)
    {
        var forms = new List<SyntaxKind> { SyntaxKind.FloatKeyword };
        bool hasFloat = method.DescendantNodes().OfType<PredefinedTypeSyntax>().Any(t => t.Keyword.IsKind(SyntaxKind.FloatKeyword))
            && arguments.Any(a => a.Syntax.Type!.ToString().Contains("float"))
            // A struct of floats has no double form of its own.
            && !arguments.Any(a => a.IsFloatStruct);
        if (hasFloat && !IsSet(options, "FloatOnly"))
            forms.Add(SyntaxKind.DoubleKeyword);
        if (hasFloat && IsSet(options, "Integers"))
            forms.AddRange([SyntaxKind.IntKeyword, SyntaxKind.LongKeyword]);
        return forms;
    }

    /// <summary>What generated names end with.</summary>
    public static string Suffix(SyntaxKind form) => form switch
    {
        SyntaxKind.FloatKeyword => "Float32",
        SyntaxKind.DoubleKeyword => "Float64",
        SyntaxKind.IntKeyword => "Int32",
        _ => "Int64",
    };

    public static Scalar ScalarOf(SyntaxKind form) => form switch
    {
        SyntaxKind.FloatKeyword => Scalar.F32,
        SyntaxKind.DoubleKeyword => Scalar.F64,
        SyntaxKind.IntKeyword => Scalar.I32,
        _ => Scalar.I64,
    };

    private static bool IsSet(AttributeData options, string name) => options.NamedArguments.Any(a => a.Key == name && a.Value.Value is true);
}
