using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using MomentumCore.Kernels.Compiler.Lowering;
using MomentumCore.Kernels.Compiler.Printers;

namespace MomentumCore.Kernels.Compiler;

/// <summary>A parameter of a kernel that is not its index.</summary>
internal sealed class Argument
{
    private Argument(IParameterSymbol symbol, ParameterSyntax syntax)
    {
        Name = symbol.Name;
        Syntax = syntax;
        IsView = symbol.Type.Name == "ArrayView";
        IsPlane = symbol.Type.Name == "ArrayView2D";
        IsFloatStruct = TypeRules.HoldsFloat(symbol.Type);
    }

    public string Name { get; }

    /// <summary>The name as C# writes it: a keyword has an @ before it.</summary>
    public string Code => ScalarCSharp.Name(Name);

    public ParameterSyntax Syntax { get; }

    public bool IsView { get; }

    /// <summary>Whether it is a view with two indices.</summary>
    public bool IsPlane { get; }

    /// <summary>Whether it is a struct with a name and floats in it, which stay floats in every form.</summary>
    public bool IsFloatStruct { get; }

    public static List<Argument> Of(MethodDeclarationSyntax method, IMethodSymbol symbol)
    {
        int index = TypeRules.AxesOf(symbol) == 0 ? 0 : 1;
        return [.. symbol.Parameters.Skip(index).Zip(method.ParameterList.Parameters.Skip(index), (p, syntax) => new Argument(p, syntax))];
    }
}
