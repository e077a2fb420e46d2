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

    private Lowered Lower(IOperation operation, ImmutableArray<Stmt>.Builder steps)
    {
        var constant = operation.ConstantValue;
        if (constant.HasValue && constant.Value is int or uint or long or ulong or short or ushort or byte or sbyte or bool or char
            && !HoldsFloats(operation))
        {
            RequireFit(operation);
            return new LoweredValue(new Constant(constant.Value is char c ? (int)c : constant.Value, null, RequireScalar(operation.Type, operation.Syntax)));
        }

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
                return _frame.Find(local.Local) ?? throw Unknown(local.Local, local.Type!, local.Syntax);
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
                return GroupChoice(conditional, steps);
            case IConditionalOperation conditional:
                var type = RequireScalar(conditional.Type, conditional.Syntax);
                return new LoweredValue(Chosen(
                    Value(conditional.Condition, steps), Arm(conditional.WhenTrue), Arm(conditional.WhenFalse!), type, steps));
            case ISwitchExpressionOperation choice:
                return new LoweredValue(SwitchExpression(choice, steps));
            case ISizeOfOperation size:
                return new LoweredValue(new Constant(RequireScalar(size.TypeOperand, size.Syntax).Bytes(), null, Scalar.I32));
            case IIsPatternOperation { Value: { Type: var tested } value } when ScalarOf(tested) == null:
                throw Unsupported(value, OneNumber);
            case IIsPatternOperation test:
                return new LoweredValue(Matches(Settled("tested", Value(test.Value, steps), steps), test.Pattern, steps));
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
            case IWithOperation { Operand: var source, Initializer: var changes } when TypeRules.FieldsOf(source.Type) is not null:
                return Made([source], made => made[0], changes, steps);
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
                throw Unsupported(operation, Words.Of(operation));
        }
    }

    /// <summary>A local of a known type is missing only where its declaration has been refused.</summary>
    private KernelRejection Unknown(ILocalSymbol local, ITypeSymbol type, SyntaxNode where) => ScalarOf(type) != null || TypeRules.FieldsOf(type) is not null
        ? new KernelRejection(KernelRule.Unsupported, where, $"'{local.Name}' has no value", isEcho: true)
        : TypeRules.Reject(type, where);

    private Lowered Property(IPropertyReferenceOperation property, ImmutableArray<Stmt>.Builder steps)
    {
        if (property.Instance == null)
            return StaticProperty(property);
        var owner = Lower(property.Instance, steps);
        if (owner is LoweredPart or LoweredArray)
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

        RequireFit(conversion);
        var operand = Lower(conversion.Operand, steps);
        if (operand is not LoweredValue value)
            return Converted(operand, conversion.Type);
        var type = RequireScalar(conversion.Type, conversion.Syntax);
        // A whole number used as a float keeps its digits, so that its double form is exact.
        if (type.IsFloat() && value.Value is Constant { Value: int whole })
            return new LoweredValue(new Constant(type == Scalar.F32 ? (float)whole : (object)(double)whole, whole.ToString(System.Globalization.CultureInfo.InvariantCulture), type));
        return new LoweredValue(Convert(value.Value, type));
    }

    /// <summary>A tuple as another: each part is converted.</summary>
    private Lowered Converted(Lowered value, ITypeSymbol? type)
    {
        if (value is LoweredValue { Value: var number } && ScalarOf(type) is { } scalar)
            return new LoweredValue(Convert(number, scalar));
        return value is LoweredGroup group && TypeRules.FieldsOf(type) is { } fields && fields.Length == group.Parts.Length
            ? new LoweredGroup([.. group.Parts.Zip(fields, (part, field) => (field.Name, Converted(part.Part, field.Type)))])
            : value;
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
        return Computed(kind, operands[0], operands[1], type);
    }

    /// <summary>An operation of two numbers. C# has none of bytes and shorts, but enums are made of them: these are computed as int.</summary>
    private static Expr Computed(BinaryKind kind, Expr left, Expr right, Scalar type) => Promote(type) == type
        ? new Binary(kind, left, right, type)
        : Convert(new Binary(kind, Convert(left, Scalar.I32), Convert(right, Scalar.I32), Scalar.I32), type);

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
            UnaryOperatorKind.BitwiseNegation => Convert(new Unary(UnaryKind.Complement, Convert(operand, Promote(type)), Promote(type)), type),
            _ => throw Unsupported(unary, $"the operator {unary.OperatorKind} is not part of the kernel language"),
        };
    }

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
