using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using MomentumCore.Kernels.Compiler.Ir;
using MomentumCore.Kernels.Compiler.Rules;

namespace MomentumCore.Kernels.Compiler.Lowering;

/// <summary>Expressions.</summary>
internal sealed partial class Lowerer
{
    /// <summary>The value of an expression. Steps that have to come first (a tuple-returning helper) are added.</summary>
    private Expr Value(IOperation operation, ImmutableArray<Stmt>.Builder steps) =>
        Lower(operation, steps) is LoweredValue value ? value.Value : throw TypeRules.Reject(operation.Type, operation.Syntax);

    /// <summary>The value of an expression that is evaluated again and again, as a loop's condition is: no steps may precede it.</summary>
    private Expr Pure(IOperation operation)
    {
        var steps = ImmutableArray.CreateBuilder<Stmt>();
        var value = Value(operation, steps);
        return steps.Count == 0 ? value : throw Unsupported(operation, "this call needs a statement of its own, before or inside the loop");
    }

    private Lowered Lower(IOperation operation, ImmutableArray<Stmt>.Builder steps)
    {
        var constant = operation.ConstantValue;
        if (constant.HasValue && constant.Value is int or uint or long or ulong or short or ushort or byte or sbyte or bool or char)
            return new LoweredValue(new Constant(constant.Value is char c ? (int)c : constant.Value, null, RequireScalar(operation.Type, operation.Syntax)));
        switch (operation)
        {
            case ILocalReferenceOperation or IObjectCreationOperation or IInvocationOperation
                when _alsoDouble && !_frame.IsDialect && operation.Type is { IsRefLikeType: false } held && TypeRules.HoldsFloat(held):
                throw new KernelRejection(
                    KernelRule.NoDoubleForm, operation.Syntax,
                    $"the floats of '{held.Name}' stay floats in the double form of this kernel; use a tuple, or mark it [Kernel(FloatOnly = true)]");
            case ILiteralOperation literal:
                return new LoweredValue(Literal(literal));
            case IParenthesizedOperation inner:
                return Lower(inner.Operand, steps);
            case ILocalReferenceOperation { Local.IsConst: true } local:
                return new LoweredValue(NamedConstant(local.Local, local));
            case ILocalReferenceOperation local:
                return _frame.Find(local.Local) ?? throw TypeRules.Reject(local.Type, local.Syntax);
            case IParameterReferenceOperation parameter:
                return _frame.Find(parameter.Parameter) ?? throw TypeRules.Reject(parameter.Type, parameter.Syntax);
            case IFieldReferenceOperation { Field.IsConst: true } field:
                return new LoweredValue(NamedConstant(field.Field, field));
            case IFieldReferenceOperation { Instance: { } instance } field:
                // Of a tuple the place counts: the names that its parts have here may be others than where it comes from.
                return Member(Lower(instance, steps), (field.Field.CorrespondingTupleField ?? field.Field).Name, field);
            case IFieldReferenceOperation field:
                throw new KernelRejection(
                    KernelRule.CapturedState, field.Syntax, $"a kernel reads its parameters only, not the field '{field.Field.Name}'; make it const or pass it as a parameter");
            case IPropertyReferenceOperation property:
                return Property(property, steps);
            case IConversionOperation conversion:
                return Conversion(conversion, steps);
            case IBinaryOperation binary:
                return new LoweredValue(BinaryExpression(binary, steps));
            case IUnaryOperation unary:
                return new LoweredValue(UnaryExpression(unary, steps));
            case IConditionalOperation conditional when TypeRules.FieldsOf(conditional.Type) is not null:
                var which = ((LoweredValue)Name("choice", new LoweredValue(Value(conditional.Condition, steps)), steps)).Value;
                return Choice(which, PureGroup(conditional.WhenTrue), PureGroup(conditional.WhenFalse!), conditional);
            case IConditionalOperation conditional:
                var type = RequireScalar(conditional.Type, conditional.Syntax);
                return new LoweredValue(Chosen(
                    Value(conditional.Condition, steps), Arm(conditional.WhenTrue), Arm(conditional.WhenFalse!), type, steps));
            case ISwitchExpressionOperation choice:
                return new LoweredValue(SwitchExpression(choice, steps));
            case ITupleOperation tuple:
                return Tuple(tuple, steps);
            case IDefaultValueOperation { Type: { } defaultType }:
                return Default(defaultType, operation.Syntax);
            case IInvocationOperation call:
                return CallExpression(call, steps);
            case IAssignmentOperation or IIncrementOrDecrementOperation:
                throw new KernelRejection(KernelRule.NestedAssignment, operation.Syntax, "an assignment inside an expression: make it a statement of its own");
            case IArrayCreationOperation or IObjectCreationOperation { Type.IsReferenceType: true } or ICollectionExpressionOperation
                or IAnonymousObjectCreationOperation:
            case { Syntax: StackAllocArrayCreationExpressionSyntax or ImplicitStackAllocArrayCreationExpressionSyntax }:
                throw new KernelRejection(KernelRule.Allocation, operation.Syntax, "a kernel does not allocate; use LocalMemory, SharedMemory or a view that the caller passes");
            case IObjectCreationOperation creation:
                return Creation(creation, steps);
            case IThrowOperation:
                throw new KernelRejection(KernelRule.Exception, operation.Syntax, "a kernel does not throw; write a flag or a NaN to a view and check it afterwards");
            case IAnonymousFunctionOperation or IDelegateCreationOperation or IDynamicInvocationOperation or IFunctionPointerInvocationOperation:
                throw new KernelRejection(KernelRule.IndirectCall, operation.Syntax, "a kernel has no lambdas or delegates; call a static method");
            case IInstanceReferenceOperation when _frame.This is { } self:
                return self;
            case IInstanceReferenceOperation:
                throw new KernelRejection(KernelRule.CapturedState, operation.Syntax, "a kernel has no 'this'; pass what it needs as parameters");
            case IInterpolatedStringOperation:
                throw new KernelRejection(KernelRule.Text, operation.Syntax, "a kernel has no strings");
            default:
                if (operation.Type is { IsReferenceType: true })
                    throw TypeRules.Reject(operation.Type, operation.Syntax);
                throw Unsupported(operation, $"this expression ({operation.Kind}) is not part of the kernel language");
        }
    }

    private Constant Literal(ILiteralOperation literal)
    {
        var type = RequireScalar(literal.Type, literal.Syntax);
        string? text = literal.ConstantValue.Value is float or double && literal.Syntax is LiteralExpressionSyntax syntax
            ? syntax.Token.Text.TrimEnd('f', 'F', 'd', 'D').Replace("_", "")
            : null;
        return Typed(literal.ConstantValue.Value!, text, type);
    }

    /// <summary>A number in a type: where float became double, the digits as written decide, not the rounded float.</summary>
    private static Constant Typed(object value, string? text, Scalar type) => (type, value) switch
    {
        (Scalar.F64, float f) => new Constant(
            text != null ? double.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : (double)f, text, type),
        (Scalar.I32, float f) => new Constant((int)f, null, type),
        (Scalar.I64, float f) => new Constant((long)f, null, type),
        _ => new Constant(value, text, type),
    };

    /// <summary>A float constant is lowered from its source, so that its double form is computed in double.</summary>
    private Expr NamedConstant(ISymbol symbol, IOperation at)
    {
        var type = RequireScalar(at.Type, at.Syntax);
        if (symbol is IFieldSymbol field && Scalar.F32 != type && TypeRules.ScalarOf(at.Type) == Scalar.F32 && !IsCopied(field.ContainingType))
            return Typed(InForm(field, type).ConstantValue!, null, type);
        if (symbol.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(_cancel) is VariableDeclaratorSyntax { Initializer.Value: { } value })
            return Convert(Pure(DialectSource.Owner(_compilation, value.SyntaxTree).GetSemanticModel(value.SyntaxTree).GetOperation(value, _cancel)!), type);
        return Typed(at.ConstantValue.Value!, null, type);
    }

    /// <summary>A struct or tuple whose parts are computed only if they are chosen: nothing may have to come before.</summary>
    private Lowered PureGroup(IOperation operation)
    {
        var steps = ImmutableArray.CreateBuilder<Stmt>();
        var value = Lower(operation, steps);
        return steps.Count == 0 ? value : throw Unsupported(operation, "this call needs a statement of its own, before the choice or in an if");
    }

    /// <summary>condition ? a : b of structs and tuples, part by part.</summary>
    private static Lowered Choice(Expr condition, Lowered whenTrue, Lowered whenFalse, IOperation at) => (whenTrue, whenFalse) switch
    {
        (LoweredValue a, LoweredValue b) => new LoweredValue(new Select(condition, a.Value, b.Value, a.Value.Type)),
        (LoweredGroup a, LoweredGroup b) when a.Parts.Length == b.Parts.Length =>
            new LoweredGroup([.. a.Parts.Zip(b.Parts, (x, y) => (x.Name, Choice(condition, x.Part, y.Part, at)))]),
        _ => throw Unsupported(at, "a kernel chooses between numbers, and structs and tuples of them; use an if"),
    };

    private static Lowered Member(Lowered owner, string name, IOperation at) => owner switch
    {
        LoweredGroup group => TupleItem(group, name) ?? group.Find(name) ?? throw Unsupported(at, $"'{name}' is computed; a kernel reads fields and automatic properties only"),
        LoweredValue when name == "X" => owner, // Index1D.X
        _ => throw Unsupported(at, $"a kernel cannot read '{name}' here"),
    };

    private static Lowered? TupleItem(LoweredGroup group, string name) =>
        name.StartsWith("Item", System.StringComparison.Ordinal) && int.TryParse(name.Substring(4), out int n) && n <= group.Parts.Length
            ? group.Parts[n - 1].Part
            : null;

    private Lowered Property(IPropertyReferenceOperation property, ImmutableArray<Stmt>.Builder steps)
    {
        if (property.Instance == null)
            return StaticProperty(property);
        var owner = Lower(property.Instance, steps);
        if (owner is LoweredPart)
            owner = NamedView(owner, steps);
        if (owner is LoweredView view)
        {
            if (property.Property.IsIndexer)
                return new LoweredValue(new Load(view.View, Value(property.Arguments[0].Value, steps)));
            if (property.Property.Name == "Length")
                return new LoweredValue(new ViewLength(view.View));
            if (property.Property.Name == "IntLength")
                return new LoweredValue(new Ir.Convert(new ViewLength(view.View), Scalar.I32));
        }

        if (owner is LoweredGroup plane && TypeRules.IsDialect(property.Property.ContainingType, "ArrayView2D"))
            return Plane(plane, property, steps);
        return Member(owner, property.Property.Name, property);
    }

    /// <summary>An element of a plane of elements, or its number of elements.</summary>
    private LoweredValue Plane(LoweredGroup plane, IPropertyReferenceOperation property, ImmutableArray<Stmt>.Builder steps)
    {
        var elements = ((LoweredView)plane.Find("BaseView")!).View;
        if (!property.Property.IsIndexer)
            return new LoweredValue(new ViewLength(elements));
        var line = ((LoweredValue)((LoweredGroup)plane.Find("Stride")!).Find("YStride")!).Value;
        var places = Values(property.Arguments, steps);
        Expr x = Convert(places[0], Scalar.I64), y = Convert(places[1], Scalar.I64);
        return new LoweredValue(new Load(elements, new Binary(
            BinaryKind.Add, x, new Binary(BinaryKind.Multiply, y, Convert(line, Scalar.I64), Scalar.I64), Scalar.I64)));
    }

    private Lowered Conversion(IConversionOperation conversion, ImmutableArray<Stmt>.Builder steps)
    {
        if (conversion.OperatorMethod is { } method && !IsIndexConversion(method))
            throw Unsupported(conversion, "a kernel cannot call user-defined conversions");
        if (!conversion.IsImplicit)
            RequireUnchecked(conversion.IsChecked, conversion);
        if (conversion.Type is { IsReferenceType: true })
        {
            // What is wrong inside says more than what it is converted to.
            if (!conversion.Operand.ConstantValue.HasValue)
                Lower(conversion.Operand, steps);
            throw TypeRules.Reject(conversion.Type, conversion.Syntax);
        }

        var operand = Lower(conversion.Operand, steps);
        if (operand is not LoweredValue value)
            return operand;
        var type = RequireScalar(conversion.Type, conversion.Syntax);
        // A whole number used as a float keeps its digits, so that its double form is exact.
        if (type.IsFloat() && value.Value is Constant { Value: int whole })
            return new LoweredValue(new Constant(type == Scalar.F32 ? (float)whole : (object)(double)whole, whole.ToString(System.Globalization.CultureInfo.InvariantCulture), type));
        return new LoweredValue(Convert(value.Value, type));
    }

    private static bool IsIndexConversion(IMethodSymbol method) => TypeRules.IsDialect(method.ContainingType, "Index1D");

    private Expr BinaryExpression(IBinaryOperation binary, ImmutableArray<Stmt>.Builder steps)
    {
        if (binary.OperatorMethod != null && !IsIndexConversion(binary.OperatorMethod))
            throw Unsupported(binary, "a kernel cannot call user-defined operators; write a static helper method");
        RequireUnchecked(binary.IsChecked, binary);
        var kind = Operator(binary.OperatorKind, binary);
        var type = RequireScalar(binary.Type, binary.Syntax);
        if (kind is BinaryKind.AndAlso or BinaryKind.OrElse)
            return ShortCut(kind, Value(binary.LeftOperand, steps), Arm(binary.RightOperand), steps);
        var operands = InOrder([binary.LeftOperand, binary.RightOperand], steps);
        return new Binary(kind, operands[0], operands[1], type);
    }

    private Expr UnaryExpression(IUnaryOperation unary, ImmutableArray<Stmt>.Builder steps)
    {
        if (unary.OperatorMethod != null)
            throw Unsupported(unary, "a kernel cannot call user-defined operators; write a static helper method");
        RequireUnchecked(unary.IsChecked, unary);
        var operand = Value(unary.Operand, steps);
        var type = RequireScalar(unary.Type, unary.Syntax);
        return unary.OperatorKind switch
        {
            UnaryOperatorKind.Plus => operand,
            UnaryOperatorKind.Minus when operand is Constant { Text: { } text, Type: Scalar.F32 or Scalar.F64 } number => Negated(number, text),
            UnaryOperatorKind.Minus => new Unary(UnaryKind.Negate, operand, type),
            UnaryOperatorKind.Not => new Unary(UnaryKind.Not, operand, type),
            UnaryOperatorKind.BitwiseNegation => new Unary(UnaryKind.Complement, operand, type),
            _ => throw Unsupported(unary, $"the operator {unary.OperatorKind} is not part of the kernel language"),
        };
    }

    private static Constant Negated(Constant number, string text) => number with
    {
        Value = number.Value is float f ? -f : -(double)number.Value,
        Text = text.StartsWith("-", System.StringComparison.Ordinal) ? text.Substring(1) : "-" + text,
    };

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
        if (TypeRules.FieldsOf(creation.Type) is { } fields && creation.Arguments.Length == fields.Length && creation.Type!.IsRecord)
        {
            var byName = new Dictionary<string, Lowered>();
            var values = AnyInOrder(creation.Arguments.Select(a => a.Value), steps);
            for (int i = 0; i < values.Length; i++)
                byName[creation.Arguments[i].Parameter!.Name] = values[i];
            if (fields.All(f => byName.ContainsKey(f.Name)))
                return new LoweredGroup([.. fields.Select(f => (f.Name, byName[f.Name]))]);
        }

        throw Unsupported(creation, $"a kernel cannot run the constructor of '{creation.Type!.Name}'; use a tuple or a positional record struct");
    }

    /// <summary>The values that a struct or tuple is made of, in order.</summary>
    private static IEnumerable<Expr> Leaves(Lowered lowered) => lowered switch
    {
        LoweredValue value => [value.Value],
        LoweredGroup group => group.Parts.SelectMany(p => Leaves(p.Part)),
        _ => [],
    };

    private static Expr Convert(Expr value, Scalar type) => value.Type == type ? value : new Ir.Convert(value, type);

    private static BinaryKind Operator(BinaryOperatorKind kind, IOperation at) => kind switch
    {
        BinaryOperatorKind.Add => BinaryKind.Add,
        BinaryOperatorKind.Subtract => BinaryKind.Subtract,
        BinaryOperatorKind.Multiply => BinaryKind.Multiply,
        BinaryOperatorKind.Divide => BinaryKind.Divide,
        BinaryOperatorKind.Remainder => BinaryKind.Remainder,
        BinaryOperatorKind.And => BinaryKind.And,
        BinaryOperatorKind.Or => BinaryKind.Or,
        BinaryOperatorKind.ExclusiveOr => BinaryKind.Xor,
        BinaryOperatorKind.LeftShift => BinaryKind.ShiftLeft,
        BinaryOperatorKind.RightShift => BinaryKind.ShiftRight,
        BinaryOperatorKind.UnsignedRightShift => BinaryKind.ShiftRightUnsigned,
        BinaryOperatorKind.ConditionalAnd => BinaryKind.AndAlso,
        BinaryOperatorKind.ConditionalOr => BinaryKind.OrElse,
        BinaryOperatorKind.LessThan => BinaryKind.Less,
        BinaryOperatorKind.LessThanOrEqual => BinaryKind.LessOrEqual,
        BinaryOperatorKind.GreaterThan => BinaryKind.Greater,
        BinaryOperatorKind.GreaterThanOrEqual => BinaryKind.GreaterOrEqual,
        BinaryOperatorKind.Equals => BinaryKind.Equal,
        BinaryOperatorKind.NotEquals => BinaryKind.NotEqual,
        _ => throw Unsupported(at, $"the operator {kind} is not part of the kernel language"),
    };
}
