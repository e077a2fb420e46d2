using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MomentumCore.Kernels.Compiler;

/// <summary>A parameter of a kernel after its index.</summary>
internal sealed class Argument
{
    private Argument(IParameterSymbol symbol, ParameterSyntax syntax)
    {
        Name = symbol.Name;
        Syntax = syntax;
        IsView = symbol.Type.Name == "ArrayView";
    }

    public string Name { get; }

    public ParameterSyntax Syntax { get; }

    public bool IsView { get; }

    public static List<Argument> Of(MethodDeclarationSyntax method, IMethodSymbol symbol) =>
        [.. symbol.Parameters.Skip(1).Zip(method.ParameterList.Parameters.Skip(1), (p, syntax) => new Argument(p, syntax))];
}
