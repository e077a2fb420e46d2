using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using MomentumCore.Kernels.Compiler.Ir;

namespace MomentumCore.Kernels.Compiler.Lowering;

/// <summary>Structs and tuples: made out of values, and their members.</summary>
internal sealed partial class Lowerer
{
    private static Lowered Member(Lowered owner, string name, IOperation at) => owner switch
    {
        LoweredGroup group => (at is IFieldReferenceOperation { Field.ContainingType.IsTupleType: true } ? TupleItem(group, name) : null)
            ?? group.Find(name) ?? throw Unsupported(at, $"'{name}' is computed; a kernel reads fields and automatic properties only"),
        LoweredValue when name == "X" => owner, // Index1D.X
        _ => throw Unsupported(at, $"a kernel cannot read '{name}' here"),
    };

    private static Lowered? TupleItem(LoweredGroup group, string name) =>
        name.StartsWith("Item", System.StringComparison.Ordinal) && int.TryParse(name.Substring(4), out int n) && n <= group.Parts.Length
            ? group.Parts[n - 1].Part
            : null;

    private LoweredGroup Tuple(ITupleOperation tuple, ImmutableArray<Stmt>.Builder steps)
    {
        var names = ((INamedTypeSymbol)tuple.Type!).TupleElements;
        return new LoweredGroup([.. AnyInOrder(tuple.Elements, steps).Select((e, i) => (names[i].Name, e))]);
    }

    private Lowered Default(ITypeSymbol type, SyntaxNode where)
    {
        if (TypeRules.FieldsOf(type) is { } fields)
            return new LoweredGroup([.. fields.Select(f => (f.Name, Default(f.Type, where)))]);
        var scalar = RequireScalar(type, where);
        object zero = scalar switch
        {
            Scalar.F32 => 0f,
            Scalar.F64 => 0d,
            Scalar.Bool => false,
            _ => 0,
        };
        return new LoweredValue(new Constant(zero, scalar.IsFloat() ? "0" : null, scalar));
    }

    private Lowered Creation(IObjectCreationOperation creation, ImmutableArray<Stmt>.Builder steps)
    {
        if (TypeRules.IsDialect(creation.Type, "Index1D") && creation.Arguments.Length == 1)
            return Lower(creation.Arguments[0].Value, steps);
        if ((TypeRules.IsDialect(creation.Type, "Index2D") || TypeRules.IsDialect(creation.Type, "Index3D")) && creation.Arguments.Length > 0)
        {
            return new LoweredGroup([.. Values(creation.Arguments, steps).Zip(((IMethodSymbol)creation.Constructor!).Parameters, (value, parameter) =>
                (parameter.Name.ToUpperInvariant(), (Lowered)new LoweredValue(value)))]);
        }

        // A positional record struct: its parameters are its properties.
        if (TypeRules.FieldsOf(creation.Type) is { } fields && fields.Length > 0 && creation.Arguments.Length == fields.Length && TypeRules.IsPositional(creation.Constructor!))
        {
            var names = creation.Arguments.Select(a => a.Parameter!.Name).ToList();
            return Made(
                creation.Arguments.Select(a => a.Value), made => new LoweredGroup([.. fields.Select(f => (f.Name, made[names.IndexOf(f.Name)]))]),
                creation.Initializer, steps);
        }

        if (creation.Arguments.Length == 0 && creation.Constructor is { IsImplicitlyDeclared: true } && TypeRules.FieldsOf(creation.Type) is not null)
            return Made([], _ => Default(creation.Type!, creation.Syntax), creation.Initializer, steps);
        throw Unsupported(creation, $"a kernel cannot run the constructor of '{creation.Type!.Name}'; use a tuple or a positional record struct");
    }

    /// <summary>A struct made of values, with the members that an initializer sets.</summary>
    private Lowered Made(
        IEnumerable<IOperation> values, System.Func<IReadOnlyList<Lowered>, Lowered> make, IObjectOrCollectionInitializerOperation? initializer,
        ImmutableArray<Stmt>.Builder steps)
    {
        var members = new List<(string Name, IOperation Value)>();
        foreach (var member in initializer?.Initializers ?? [])
        {
            if (member is not ISimpleAssignmentOperation { Target: IMemberReferenceOperation { Member.Name: var name } and (IFieldReferenceOperation or IPropertyReferenceOperation) } set)
                throw Unsupported(member, "a kernel sets members of a struct one by one");
            members.Add((name, set.Value));
        }

        var first = values.ToList();
        var all = AnyInOrder(first.Concat(members.Select(m => m.Value)), steps);
        var made = make(all.Take(first.Count).ToList());
        for (int i = 0; i < members.Count; i++)
        {
            string name = members[i].Name;
            if (made is not LoweredGroup group || group.Find(name) == null)
                throw Unsupported(initializer!.Initializers[i], $"'{name}' is computed; a kernel sets fields and automatic properties only");
            var value = all[first.Count + i];
            made = new LoweredGroup([.. group.Parts.Select(p => (p.Name, p.Name == name ? value : p.Part))]);
        }

        return made;
    }

    /// <summary>The values that a struct or tuple is made of, in order.</summary>
    private static IEnumerable<Expr> Leaves(Lowered lowered) => lowered switch
    {
        LoweredValue value => [value.Value],
        LoweredGroup group => group.Parts.SelectMany(p => Leaves(p.Part)),
        _ => [],
    };
}
