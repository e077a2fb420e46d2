using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using MomentumCore.Kernels.Compiler.Ir;
using MomentumCore.Kernels.Compiler.Rules;

namespace MomentumCore.Kernels.Compiler.Lowering;

/// <summary>Which C# types a kernel may use, and what they become.</summary>
internal static class TypeRules
{
    public const string Dialect = "MomentumCore.Kernels.Dialect";

    /// <summary>The scalar for a C# type, or null when it is not a scalar.</summary>
    public static Scalar? ScalarOf(ITypeSymbol? type) => type?.SpecialType switch
    {
        SpecialType.System_Void => Scalar.Void,
        SpecialType.System_Boolean => Scalar.Bool,
        SpecialType.System_SByte => Scalar.I8,
        SpecialType.System_Byte => Scalar.U8,
        SpecialType.System_Int16 => Scalar.I16,
        SpecialType.System_UInt16 or SpecialType.System_Char => Scalar.U16,
        SpecialType.System_Int32 => Scalar.I32,
        SpecialType.System_UInt32 => Scalar.U32,
        SpecialType.System_Int64 => Scalar.I64,
        SpecialType.System_UInt64 => Scalar.U64,
        SpecialType.System_Single => Scalar.F32,
        SpecialType.System_Double => Scalar.F64,
        _ when type is INamedTypeSymbol { TypeKind: TypeKind.Enum } e => ScalarOf(e.EnumUnderlyingType),
        _ when IsDialect(type, "Index1D") => Scalar.I32,
        _ => null,
    };

    // Half typed, it has no element type yet.
    public static bool IsView(ITypeSymbol? type) => type is INamedTypeSymbol { TypeArguments.Length: 1 } && IsDialect(type, "ArrayView");

    public static bool IsDialect(ISymbol? symbol, string name) =>
        symbol != null && symbol.Name == name && symbol.ContainingNamespace?.ToDisplayString() == Dialect;

    /// <summary>Along how many axes a kernel's index runs; 0 for a grouped kernel, which has none.</summary>
    public static int AxesOf(IMethodSymbol kernel)
    {
        var first = kernel.Parameters.FirstOrDefault()?.Type;
        return IsDialect(first, "Index1D") ? 1 : IsDialect(first, "Index2D") ? 2 : IsDialect(first, "Index3D") ? 3 : 0;
    }

    /// <summary>The fields of a struct or tuple, in order, or null when it is neither.</summary>
    public static ImmutableArray<(string Name, ITypeSymbol Type)>? FieldsOf(ITypeSymbol? type)
    {
        if (type is not INamedTypeSymbol { TypeKind: TypeKind.Struct } named || ScalarOf(type) != null || IsView(type)
            || IsNullable(type) || IsLaidOut(named))
            return null;
        if (named.IsTupleType)
            return [.. named.TupleElements.Select(f => (f.Name, f.Type))];
        // A struct from another assembly has no visible private fields in reference assemblies; its own are all that count.
        var fields = new List<(string, ITypeSymbol)>();
        foreach (var field in named.GetMembers().OfType<IFieldSymbol>().Where(f => !f.IsStatic))
            fields.Add((field.AssociatedSymbol is { } property && IsAutomatic(property) ? property.Name : field.Name, field.Type));
        return [.. fields];
    }

    public static bool IsNullable(ITypeSymbol type) => type.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T;

    /// <summary>Whether its fields may lie on top of each other.</summary>
    private static bool IsLaidOut(INamedTypeSymbol type) => type.GetAttributes().Any(a =>
        a.AttributeClass is { Name: "StructLayoutAttribute" } && a.ConstructorArguments.FirstOrDefault().Value is 2 or (short)2);

    /// <summary>Whether a property gives what its field holds, and no more.</summary>
    private static bool IsAutomatic(ISymbol property) => property.DeclaringSyntaxReferences.All(r =>
        r.GetSyntax() is not PropertyDeclarationSyntax { AccessorList.Accessors: var accessors }
        || accessors.All(a => a.Body == null && a.ExpressionBody == null));

    /// <summary>Whether a record struct's constructor is the positional one, and all that the struct holds are its parameters.</summary>
    public static bool IsPositional(IMethodSymbol constructor)
    {
        var type = constructor.ContainingType;
        bool isPrimary = constructor.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax() is { } syntax
            ? syntax is RecordDeclarationSyntax
            : constructor.Parameters.All(p => type.GetMembers(p.Name).OfType<IPropertySymbol>().Any(q => SymbolEqualityComparer.Default.Equals(p.Type, q.Type)));
        return type.IsRecord && isPrimary && type.GetMembers().OfType<IFieldSymbol>().Where(f => !f.IsStatic).All(f =>
            f.AssociatedSymbol is IPropertySymbol property && property.DeclaringSyntaxReferences.All(r => r.GetSyntax() is ParameterSyntax));
    }

    /// <summary>Whether it is a struct with a name and floats in it, which stay floats in every form.</summary>
    public static bool HoldsFloat(ITypeSymbol type) =>
        FieldsOf(type) is { } fields && fields.Any(f => ScalarOf(f.Type) == Scalar.F32 ? !type.IsTupleType : HoldsFloat(f.Type));

    /// <summary>The overload of a method that has double where it has float, or null.</summary>
    public static IMethodSymbol? DoubleTwin(IMethodSymbol method)
    {
        string wanted = Regex.Replace(Signature(method), @"\bfloat\b", "double");
        return wanted == Signature(method)
            ? null
            : method.ContainingType.GetMembers(method.Name).OfType<IMethodSymbol>().FirstOrDefault(m => Signature(m) == wanted);
    }

    /// <summary>Whether overloads of a helper stand there for float and for double: then none is made anew for double.</summary>
    public static bool IsForBoth(IMethodSymbol helper) =>
        helper.ContainingType.GetMembers(helper.Name).OfType<IMethodSymbol>().Any(m => !IsKernel(m) && DoubleTwin(m) != null);

    public static bool IsKernel(ISymbol method) => method.GetAttributes().Any(a => IsDialect(a.AttributeClass, "KernelAttribute"));

    private static string Signature(IMethodSymbol method) => string.Join(",", method.Parameters.Select(p => $"{p.RefKind} {p.Type.ToDisplayString()}"));

    public static KernelRejection Reject(ITypeSymbol? type, SyntaxNode where)
    {
        if (type?.SpecialType == SpecialType.System_String)
            return new KernelRejection(KernelRule.Text, where, "a kernel has no strings");
        if (IsView(type))
            return new KernelRejection(KernelRule.Unsupported, where, "a view is what it is called by where it is declared: choose between elements instead, as in c ? x[i] : y[i]");
        string name = type?.ToDisplayString() ?? "?";
        return type is { IsReferenceType: true }
            ? new KernelRejection(KernelRule.ReferenceType, where, $"a kernel holds no references, but this is a '{name}'; use numbers and views")
            : new KernelRejection(KernelRule.Unsupported, where, $"a kernel cannot compute with '{name}'; use numbers, views and structs of numbers");
    }
}
