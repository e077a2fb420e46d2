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
        if (constant.HasValue && constant.Value is int or uint or long or ulong or short or ushort or byte or sbyte or bool or char
            && !HoldsFloats(operation))
        {
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

    private Constant Literal(ILiteralOperation literal)
    {
        var type = RequireScalar(literal.Type, literal.Syntax);
        string? text = literal.ConstantValue.Value is float or double && literal.Syntax is LiteralExpressionSyntax syntax
            ? syntax.Token.Text.TrimEnd('f', 'F', 'd', 'D').Replace("_", "")
            : null;
        return Typed(literal.ConstantValue.Value!, text, type);
    }

    /// <summary>Whether a whole number is computed from floats, which are doubles in another form: 0.7f * 10f is less than 7, 0.7 * 10 is not.</summary>
    private bool HoldsFloats(IOperation constant) =>
        _form != Scalar.F32 && !_frame.IsDialect && constant is not ILiteralOperation && constant.DescendantsAndSelf().Any(o =>
            TypeRules.ScalarOf(o.Type) == Scalar.F32
            || TypeRules.ScalarOf((o as ISizeOfOperation)?.TypeOperand) == Scalar.F32 || (Initializer(o) is { } initializer && HoldsFloats(initializer)));

    /// <summary>What a constant of the kernel or of its class is computed from.</summary>
    private IOperation? Initializer(IOperation constant)
    {
        ISymbol? symbol = constant switch
        {
            ILocalReferenceOperation { Local: { IsConst: true } local } => local,
            IFieldReferenceOperation { Field: { IsConst: true } field } when IsCopied(field.ContainingType) => field,
            _ => null,
        };
        return symbol?.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(_cancel) is VariableDeclaratorSyntax { Initializer.Value: { } value }
            ? Meaning(value)
            : null;
    }

    private IOperation? Meaning(SyntaxNode node) =>
        DialectSource.Owner(_compilation, node.SyntaxTree).GetSemanticModel(node.SyntaxTree).GetOperation(node, _cancel);

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
            return Convert(Pure(Meaning(value)!), type);
        return Typed(at.ConstantValue.Value!, null, type);
    }

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
