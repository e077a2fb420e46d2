using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using MomentumCore.Kernels.Compiler.Ir;

namespace MomentumCore.Kernels.Compiler.Lowering;

/// <summary>Assignments: simple, compound, and those that take a tuple apart.</summary>
internal sealed partial class Lowerer
{
    private const string OneView = "a view stays where its declaration put it: declare another, or move through it by an index";

    private void Assignment(Lowered target, Lowered value, IOperation at, ImmutableArray<Stmt>.Builder steps)
    {
        switch (target, value)
        {
            case (LoweredValue t, LoweredValue v):
                steps.Add(new Assign(t.Value, Convert(v.Value, t.Value.Type))); // parts of tuples come as they are
                break;
            case (LoweredGroup t, LoweredGroup v):
                // All parts are computed before the first is written: (a, b) = (b, a) swaps.
                var held = (LoweredGroup)Name("held", v, steps);
                for (int i = 0; i < t.Parts.Length; i++)
                    Assignment(t.Parts[i].Part, held.Parts[i].Part, at, steps);
                break;
            default:
                throw Unsupported(at, OneView);
        }
    }

    private void Deconstruction(IDeconstructionAssignmentOperation operation, ImmutableArray<Stmt>.Builder steps)
    {
        RequirePlain(operation.Target, operation.Value, isInner: false);
        // Where the parts go is settled first, then what they are; only then is the first of them written.
        var order = new EvaluationOrder(this, steps);
        var places = Places(operation.Target).ToDictionary(p => p, p => order.Place(s => Place(p, s)));
        int right = order.Any(operation.Value);
        var changed = new Effects();
        foreach (var place in places.Values.SelectMany(p => Leaves(order[p])))
            changed.WithTarget(place);
        order.PlacesBefore(changed);
        var parts = Deconstructed(operation.Target, order[right], operation.Value.Type!);
        Deconstruct(operation.Target, (LoweredGroup)Name("part", parts, steps), p => order[places[p]], steps);
    }

    /// <summary>The parts that a tuple has, or those that the Deconstruct of a positional record struct gives, as far as they are taken apart.</summary>
    private static Lowered Deconstructed(IOperation target, Lowered value, ITypeSymbol type)
    {
        if (((target as IDeclarationExpressionOperation)?.Expression ?? target) is not ITupleOperation { Elements: var places } || value is not LoweredGroup group)
            return value;
        if (type is not INamedTypeSymbol { IsTupleType: true, TupleElements: var elements })
        {
            var method = type.GetMembers("Deconstruct").OfType<IMethodSymbol>().FirstOrDefault(m => m.Parameters.Length == places.Length && m.IsImplicitlyDeclared);
            if (!type.IsRecord || method == null || method.Parameters.Any(p => group.Find(p.Name) == null))
                throw Unsupported(target, $"a kernel cannot run the Deconstruct of '{type.Name}'; read its fields");
            return new LoweredGroup([.. method.Parameters.Zip(places, (p, place) => (p.Name, Deconstructed(place, group.Find(p.Name)!, p.Type)))]);
        }

        return new LoweredGroup([.. group.Parts.Select((part, i) => (part.Name, Deconstructed(places[i], part.Part, elements[i].Type)))]);
    }

    /// <summary>C# makes a call that is taken apart inside a tuple after all other parts of that tuple: not told apart here.</summary>
    private static void RequirePlain(IOperation target, IOperation value, bool isInner)
    {
        if (target is IDeclarationExpressionOperation declaration)
            target = declaration.Expression;
        while (value is IConversionOperation conversion)
            value = conversion.Operand;
        if (target is not ITupleOperation places)
            return;
        if (value is ITupleOperation parts)
        {
            for (int i = 0; i < places.Elements.Length; i++)
                RequirePlain(places.Elements[i], parts.Elements[i], isInner: true);
        }
        else if (isInner && value.DescendantsAndSelf().OfType<IInvocationOperation>().Any())
        {
            throw Unsupported(value, "a call that is taken apart inside a tuple: keep its result in a local first");
        }
    }

    /// <summary>What a deconstruction assigns to that was there before.</summary>
    private static IEnumerable<IOperation> Places(IOperation target) => target switch
    {
        ITupleOperation tuple => tuple.Elements.SelectMany(Places),
        IDiscardOperation or IDeclarationExpressionOperation or ILocalReferenceOperation { IsDeclaration: true } => [],
        _ => [target],
    };

    private void Deconstruct(
        IOperation target, LoweredGroup value, System.Func<IOperation, Lowered> placeOf, ImmutableArray<Stmt>.Builder steps)
    {
        if (target is IDeclarationExpressionOperation declaration)
            target = declaration.Expression;
        if (target is not ITupleOperation tuple)
            throw Unsupported(target, "a kernel takes a tuple apart into locals");
        for (int i = 0; i < tuple.Elements.Length; i++)
        {
            var element = tuple.Elements[i] is IDeclarationExpressionOperation inner ? inner.Expression : tuple.Elements[i];
            var part = value.Parts[i].Part;
            if (element is IDiscardOperation)
                continue;
            if (element is ILocalReferenceOperation { IsDeclaration: true } local)
                _frame.Bind(local.Local, Name(local.Local.Name, Converted(part, local.Local.Type), steps));
            else if (element is ITupleOperation && part is LoweredGroup group)
                Deconstruct(element, group, placeOf, steps);
            else
                Assignment(placeOf(element), part, element, steps);
        }
    }

    private void CompoundAssignment(ICompoundAssignmentOperation compound, ImmutableArray<Stmt>.Builder steps)
    {
        if (compound.OperatorMethod != null && !IsIndexConversion(compound.OperatorMethod) && ScalarOf(compound.Type) == null)
            throw Unsupported(compound, "a kernel cannot call user-defined operators; write a static helper method");
        RequireUnchecked(compound.IsChecked, compound);
        var order = new EvaluationOrder(this, steps);
        order.Place(s => new LoweredValue(PlaceOnce(PlaceValue(compound.Target, s), s)));
        order.Add(_ => order[0]); // what it was, before the right side is computed
        order.Value(compound.Value);
        var (target, before, right) = (order.ValueOf(0), order.ValueOf(1), order.ValueOf(2));
        bool isShift = compound.OperatorKind is BinaryOperatorKind.LeftShift or BinaryOperatorKind.RightShift or BinaryOperatorKind.UnsignedRightShift;
        // C# computes in the wider of the two types and converts back; shifts compute in the left one.
        var type = isShift ? Promote(target.Type) : Wider(Promote(target.Type), Promote(right.Type));
        Expr computed = new Binary(
            Operator(compound.OperatorKind, compound), Convert(before, type), isShift ? Convert(right, Scalar.I32) : Convert(right, type), type);
        steps.Add(new Assign(target, Convert(computed, target.Type)));
    }

    private static Expr One(Scalar type) => type switch
    {
        Scalar.F32 => new Constant(1f, "1", type),
        Scalar.F64 => new Constant(1d, "1", type),
        _ => new Constant(1, null, type),
    };

    private static Scalar Promote(Scalar type) => type is Scalar.I8 or Scalar.U8 or Scalar.I16 or Scalar.U16 ? Scalar.I32 : type;

    private static Scalar Wider(Scalar left, Scalar right)
    {
        if (left == right)
            return left;
        if (left == Scalar.F64 || right == Scalar.F64)
            return Scalar.F64;
        if (left == Scalar.F32 || right == Scalar.F32)
            return Scalar.F32;
        if (left == Scalar.U64 || right == Scalar.U64)
            return Scalar.U64;
        return Scalar.I64; // of Int32, UInt32 and Int64, two different ones meet in Int64
    }
}
