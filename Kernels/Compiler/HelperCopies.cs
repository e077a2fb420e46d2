using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using MomentumCore.Kernels.Compiler.Lowering;

namespace MomentumCore.Kernels.Compiler;

/// <summary>Tells the helpers of kernels from the other methods of their class, which have no copy for double.</summary>
/// <remarks>What no kernel can call for double need not compile with float read as double: it takes or gives something else
/// than numbers and views, reads fields, or hands a float to a method that stands elsewhere for float alone.</remarks>
internal sealed class HelperCopies(INamedTypeSymbol owner, Compilation compilation)
{
    // Asked for by every kernel of the class.
    private static readonly ConditionalWeakTable<INamedTypeSymbol, HelperCopies> Classes = new();

    private readonly HashSet<string> _members = [.. owner.GetMembers().Select(m => m.Name)];
    private readonly Dictionary<ISymbol, bool> _known = new(SymbolEqualityComparer.Default);

    public static HelperCopies Of(INamedTypeSymbol owner, Compilation compilation) => Classes.GetValue(owner, type => new HelperCopies(type, compilation));

    /// <summary>Whether a method of the class has a copy.</summary>
    public bool Has(MethodDeclarationSyntax method, CancellationToken cancel)
    {
        // Not in between: what is half looked at would be remembered.
        cancel.ThrowIfCancellationRequested();
        lock (_known)
            return compilation.GetSemanticModel(method.SyntaxTree).GetDeclaredSymbol(method, CancellationToken.None) is { } symbol && Has(symbol);
    }

    private bool Has(IMethodSymbol method)
    {
        if (_known.TryGetValue(method, out bool known))
            return known;
        _known[method] = true; // one that calls itself
        return _known[method] = method is { IsStatic: true, IsGenericMethod: false, IsAsync: false, ReturnsByRef: false, ReturnsByRefReadonly: false }
            && !TypeRules.IsKernel(method)
            && !TypeRules.IsForBoth(method)
            && method.Parameters.Select(p => p.Type).Append(method.ReturnType).All(IsOfKernels)
            && method.DeclaringSyntaxReferences.Select(r => r.GetSyntax()).All(HasCopies);
    }

    private static bool IsOfKernels(ITypeSymbol type) => TypeRules.ScalarOf(type) != null || TypeRules.IsView(type) || (type.IsUnmanagedType && TypeRules.FieldsOf(type) is not null);

    private bool HasCopies(SyntaxNode body)
    {
        var model = compilation.GetSemanticModel(body.SyntaxTree);
        foreach (var name in body.DescendantNodes().OfType<SimpleNameSyntax>())
        {
            string text = name.Identifier.ValueText;
            bool isCalled = name.Parent is InvocationExpressionSyntax || name.Parent?.Parent is InvocationExpressionSyntax;
            if (!isCalled && !_members.Contains(text))
                continue;
            bool isMissing = model.GetSymbolInfo(name, CancellationToken.None).Symbol switch
            {
                IMethodSymbol used when IsOwn(used) => !TypeRules.IsForBoth(used.ReducedFrom ?? used) && !Has(used.ReducedFrom ?? used),
                IMethodSymbol { MethodKind: MethodKind.Ordinary } used => IsFloatAlone(used),
                IFieldSymbol field when IsOwn(field) => !field.IsConst,
                IPropertySymbol property => IsOwn(property),
                _ => false,
            };
            if (isMissing)
                return false;
        }

        return true;
    }

    private bool IsOwn(ISymbol used) => SymbolEqualityComparer.Default.Equals(used.ContainingType, owner);

    private static bool IsFloatAlone(IMethodSymbol used) =>
        used.ContainingNamespace.ToDisplayString() != TypeRules.Dialect && used.ContainingType.Name is not ("Math" or "MathF")
        && used.ContainingType.SpecialType == SpecialType.None
        && used.Parameters.Any(p => p.Type.SpecialType == SpecialType.System_Single) && TypeRules.DoubleTwin(used) == null;
}
