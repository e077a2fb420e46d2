using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using MomentumCore.Kernels.Compiler.Lowering;

namespace MomentumCore.Kernels.Compiler.Rules;

/// <summary>What a launch can hand to a device: views, numbers, and structs whose fields are these.</summary>
internal static class ParameterRules
{
    private const string Instead = "pass an ArrayView<T>, a number or a struct of numbers";

    // Generated code says these beside the names of the parameters.
    private static readonly HashSet<string> Taken =
    [
        "device_", "count_", "layout_", "config_", "extent_", "i_", "start_", "end_", "n_", "inner_", "cpu_", "emulation_", "trial_",
        "description_",
    ];

    /// <summary>Why a parameter cannot be handed over, or null when it can.</summary>
    public static string? Refusal(IParameterSymbol parameter)
    {
        if (Taken.Contains(parameter.Name))
            return $"launchers say '{parameter.Name}' themselves; give it another name";
        if (parameter.Name.Contains("__"))
            return "two underlines in a name are for generated code; give it another name";
        if (parameter.RefKind is RefKind.Ref or RefKind.Out)
            return "a launch passes values; write results to a view";
        return parameter.RefKind != RefKind.None && !TypeRules.IsView(parameter.Type) && !TypeRules.IsDialect(parameter.Type, "ArrayView2D")
            ? "'in' is for views that are only read; numbers are passed by value"
            : Refusal(parameter.Type, parameter.ContainingType);
    }

    private static string? Refusal(ITypeSymbol type, INamedTypeSymbol launcher)
    {
        if (TypeRules.IsView(type))
        {
            var element = ((INamedTypeSymbol)type).TypeArguments[0];
            return TypeRules.ScalarOf(element) is null or Ir.Scalar.Void || element.SpecialType == SpecialType.System_Char ? $"a view holds numbers, not '{element.ToDisplayString()}'" : null;
        }

        if (type.SpecialType == SpecialType.System_Char)
            return "it is a 'char'; pass it as a ushort";
        if (TypeRules.ScalarOf(type) is not null)
            return null;
        if (TypeRules.IsNullable(type))
            return $"it is a '{type.ToDisplayString()}', which may be null; pass the number, and a bool if it can be missing";
        if (TypeRules.FieldsOf(type) is not { Length: > 0 } fields || !type.IsUnmanagedType)
            return $"it is a '{type.ToDisplayString()}'; {Instead}";
        foreach (var field in fields)
        {
            if (Refusal(field.Type, launcher) is { } inner)
                return $"its field '{field.Name}': {inner}";
            if (!IsReadable(type, field.Name, launcher))
                return $"its field '{field.Name}' cannot be read from here; make it public or internal, or pass what it holds";
        }

        return null;
    }

    // The launcher hands a struct over field by field, so it has to see them.
    private static bool IsReadable(ITypeSymbol type, string field, INamedTypeSymbol launcher) =>
        type.GetMembers(field).Concat(((INamedTypeSymbol)type).TupleElements is { IsDefault: false } items ? items.Where(i => i.Name == field) : [])
            .Any(m => m.DeclaredAccessibility == Accessibility.Public
                || (m.DeclaredAccessibility is Accessibility.Internal or Accessibility.ProtectedOrInternal
                    && SymbolEqualityComparer.Default.Equals(m.ContainingAssembly, launcher.ContainingAssembly)));
}
