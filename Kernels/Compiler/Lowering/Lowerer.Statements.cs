using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using MomentumCore.Kernels.Compiler.Ir;
using MomentumCore.Kernels.Compiler.Rules;

namespace MomentumCore.Kernels.Compiler.Lowering;

/// <summary>Statements.</summary>
internal sealed partial class Lowerer
{
    private void Statement(IOperation operation, ImmutableArray<Stmt>.Builder steps)
    {
        _cancel.ThrowIfCancellationRequested();
        try
        {
            switch (operation)
            {
                case IBlockOperation block:
                    foreach (var inner in block.Operations)
                        Statement(inner, steps);
                    break;
                case IEmptyOperation:
                    break;
                case IVariableDeclarationGroupOperation group:
                    foreach (var declarator in group.Declarations.SelectMany(d => d.Declarators))
                        Declaration(declarator, steps);
                    break;
                case IExpressionStatementOperation expression:
                    ExpressionStatement(expression.Operation, steps);
                    break;
                case IConditionalOperation conditional:
                    var condition = Value(conditional.Condition, steps);
                    steps.Add(new If(condition, Block(conditional.WhenTrue), Block(conditional.WhenFalse)));
                    break;
                case IForLoopOperation loop:
                    For(loop, steps);
                    break;
                case IWhileLoopOperation loop:
                    steps.Add(new Loop([], Pure(loop.Condition!), [], Block(loop.Body), loop.ConditionIsTop));
                    break;
                case ISwitchOperation choice:
                    Switch(choice, steps);
                    break;
                case IBranchOperation { BranchKind: BranchKind.Break }:
                    steps.Add(new Break());
                    break;
                case IBranchOperation { BranchKind: BranchKind.Continue }:
                    steps.Add(new Continue());
                    break;
                case IReturnOperation result:
                    ReturnStatement(result, steps);
                    break;
                case IThrowOperation:
                case ITryOperation:
                    throw new KernelRejection(KernelRule.Exception, operation.Syntax, "a kernel does not throw or catch; write a flag or a NaN to a view and check it afterwards");
                case ILocalFunctionOperation:
                    throw Unsupported(operation, "a kernel cannot declare local functions; use a static helper method of the class");
                default:
                    throw Unsupported(operation, $"this statement ({operation.Kind}) is not part of the kernel language");
            }
        }
        catch (KernelRejection rejection)
        {
            _rejections.Add(rejection);
        }
    }

    private ImmutableArray<Stmt> Block(IOperation? operation)
    {
        var steps = ImmutableArray.CreateBuilder<Stmt>();
        _depth++;
        if (operation != null)
            Statement(operation, steps);
        _depth--;
        return steps.ToImmutable();
    }

    private void Declaration(IVariableDeclaratorOperation declarator, ImmutableArray<Stmt>.Builder steps)
    {
        var symbol = declarator.Symbol;
        var initializer = declarator.Initializer?.Value ?? (declarator.Parent as IVariableDeclarationOperation)?.Initializer?.Value;
        if (symbol.IsConst)
            return;
        // Bound before the initializer is looked at, so that one mistake gives one message.
        Bind(symbol, declarator);
        if (symbol.RefKind == RefKind.Ref && initializer is IInvocationOperation { Arguments: var given } one && IsSharedMemory(one.TargetMethod)
            && given.All(a => a.IsImplicit))
        {
            var cell = (LoweredView)Name(symbol.Name, Memory(one, Space.Shared), steps);
            _frame.Bind(symbol, new LoweredValue(new Load(cell.View, new Constant(0, null, Scalar.I32))));
            return;
        }

        if (symbol.RefKind != RefKind.None)
            throw Unsupported(declarator, "a kernel has no ref locals; index the view where the element is used");
        if (initializer != null)
        {
            var value = Lower(initializer, steps);
            _frame.Bind(symbol, Name(symbol.Name, value, steps));
        }
        else
        {
            _frame.Bind(symbol, DeclareEmpty(symbol.Name, symbol.Type, declarator.Syntax, steps));
        }
    }

    private void Bind(ILocalSymbol symbol, IOperation at)
    {
        if (ScalarOf(symbol.Type) is { } scalar)
            _frame.Bind(symbol, new LoweredValue(new Var(symbol.Name, scalar)));
        else if (TypeRules.IsView(symbol.Type))
            _frame.Bind(symbol, new LoweredView(new View(symbol.Name, ElementOf(symbol.Type, at.Syntax), Space.Global), false));
    }

    /// <summary>Gives what an initializer stands for a name of its own.</summary>
    private Lowered Name(string name, Lowered value, ImmutableArray<Stmt>.Builder steps)
    {
        switch (value)
        {
            case LoweredValue { Value: var v }:
                var variable = new Var(_frame.Fresh(name), v.Type);
                steps.Add(new Declare(variable, v));
                return new LoweredValue(variable);
            case LoweredPart part:
                var view = new View(_frame.Fresh(name), part.Element, part.Source.Space);
                steps.Add(new DeclareView(view, part.Source, part.Offset, part.Length));
                return new LoweredView(view, part.IsReadOnly);
            case LoweredArray array:
                var memory = new View(_frame.Fresh(name), array.Element, array.Space);
                steps.Add(new DeclareArray(memory, array.Length));
                return new LoweredView(memory, false);
            case LoweredGroup group:
                return new LoweredGroup([.. group.Parts.Select(p => (p.Name, Name($"{name}_{p.Name}", p.Part, steps)))]);
            default:
                return value;
        }
    }

    private Lowered DeclareEmpty(string name, ITypeSymbol type, SyntaxNode where, ImmutableArray<Stmt>.Builder steps)
    {
        if (TypeRules.FieldsOf(type) is { } fields)
            return new LoweredGroup([.. fields.Select(f => (f.Name, DeclareEmpty($"{name}_{f.Name}", f.Type, where, steps)))]);
        var variable = new Var(_frame.Fresh(name), RequireScalar(type, where));
        steps.Add(new Declare(variable, null));
        return new LoweredValue(variable);
    }

    private void For(IForLoopOperation loop, ImmutableArray<Stmt>.Builder steps)
    {
        var before = ImmutableArray.CreateBuilder<Stmt>();
        foreach (var operation in loop.Before)
            Statement(operation, before);
        var condition = loop.Condition == null ? null : Pure(loop.Condition);
        var step = ImmutableArray.CreateBuilder<Stmt>();
        foreach (var operation in loop.AtLoopBottom)
            Statement(operation, step);
        var turn = Incrementor(step, before, loop);
        steps.Add(new Loop(before.ToImmutable(), condition, turn, Block(loop.Body), TestFirst: true));
    }

    /// <summary>A switch becomes a chain of ifs: devices differ in what they can switch on.</summary>
    private void Switch(ISwitchOperation choice, ImmutableArray<Stmt>.Builder steps)
    {
        var selector = Value(choice.Value, steps);
        var variable = new Var(_frame.Fresh("choice"), selector.Type);
        steps.Add(new Declare(variable, selector));
        ImmutableArray<Stmt> rest = [];
        var sections = choice.Cases.OrderBy(c => c.Clauses.Any(k => k is IDefaultCaseClauseOperation)).Reverse();
        foreach (var section in sections)
        {
            var body = SwitchBody(section);
            if (section.Clauses.Any(c => c is IDefaultCaseClauseOperation))
            {
                rest = body;
                continue;
            }

            Expr? test = null;
            foreach (var clause in section.Clauses)
            {
                var label = clause switch
                {
                    ISingleValueCaseClauseOperation single => Pure(single.Value),
                    IPatternCaseClauseOperation { Guard: null, Pattern: IConstantPatternOperation constant } => Pure(constant.Value),
                    _ => throw Unsupported(clause, "a kernel switches on constants only"),
                };
                Expr equal = new Binary(BinaryKind.Equal, variable, Convert(label, variable.Type), Scalar.Bool);
                test = test == null ? equal : new Binary(BinaryKind.OrElse, test, equal, Scalar.Bool);
            }

            rest = [new If(test!, body, rest)];
        }

        steps.AddRange(rest);
    }

    private ImmutableArray<Stmt> SwitchBody(ISwitchCaseOperation section)
    {
        var steps = ImmutableArray.CreateBuilder<Stmt>();
        var operations = section.Body.SelectMany(o => o is IBlockOperation b ? b.Operations : [o]).ToList();
        if (operations.LastOrDefault() is IBranchOperation { BranchKind: BranchKind.Break })
            operations.RemoveAt(operations.Count - 1);
        _depth++;
        foreach (var operation in operations)
            Statement(operation, steps);
        _depth--;
        if (LeavesSwitch(steps))
            throw Unsupported(section, "a kernel's switch section can only break at its end; use if and else inside it");
        return steps.ToImmutable();
    }

    private static bool LeavesSwitch(IEnumerable<Stmt> steps) => steps.Any(s => s is Break || (s is If i && (LeavesSwitch(i.Then) || LeavesSwitch(i.Else))));

    private void ReturnStatement(IReturnOperation operation, ImmutableArray<Stmt>.Builder steps)
    {
        if (operation.ReturnedValue == null)
        {
            steps.Add(new Return(null, operation.Syntax));
            return;
        }

        if (_frame.Results.IsEmpty)
        {
            steps.Add(new Return(Value(operation.ReturnedValue, steps)));
            return;
        }

        // A tuple goes out through the caller's locals; every part is computed before the first is written.
        var parts = Leaves(Name("result", Lower(operation.ReturnedValue, steps), steps)).ToList();
        for (int i = 0; i < parts.Count; i++)
            steps.Add(new Assign(_frame.Results[i], parts[i]));
        steps.Add(new Return(null));
    }

    private void ExpressionStatement(IOperation operation, ImmutableArray<Stmt>.Builder steps)
    {
        switch (operation)
        {
            case ISimpleAssignmentOperation { Target: IDiscardOperation } discard:
                steps.Add(new Evaluate(Value(discard.Value, steps)));
                break;
            case ISimpleAssignmentOperation assignment:
                var sides = new EvaluationOrder(this, steps);
                sides.Place(s => Place(assignment.Target, s));
                sides.Any(assignment.Value);
                Assignment(sides[0], sides[1], assignment, steps);
                break;
            case IDeconstructionAssignmentOperation deconstruction:
                Deconstruction(deconstruction, steps);
                break;
            case ICompoundAssignmentOperation compound:
                CompoundAssignment(compound, steps);
                break;
            case IIncrementOrDecrementOperation change:
                RequireUnchecked(change.IsChecked, change);
                var target = PlaceOnce(PlaceValue(change.Target, steps), steps);
                var kind = change.Kind == OperationKind.Increment ? BinaryKind.Add : BinaryKind.Subtract;
                steps.Add(new Assign(target, new Binary(kind, target, One(target.Type), target.Type)));
                break;
            case IInvocationOperation call:
                CallStatement(call, steps);
                break;
            default:
                throw Unsupported(operation, $"this statement ({operation.Kind}) is not part of the kernel language");
        }
    }

    private void Assignment(Lowered target, Lowered value, IOperation at, ImmutableArray<Stmt>.Builder steps)
    {
        switch (target, value)
        {
            case (LoweredValue t, LoweredValue v):
                steps.Add(new Assign(t.Value, v.Value));
                break;
            case (LoweredGroup t, LoweredGroup v):
                // All parts are computed before the first is written: (a, b) = (b, a) swaps.
                var held = (LoweredGroup)Name("held", v, steps);
                for (int i = 0; i < t.Parts.Length; i++)
                    Assignment(t.Parts[i].Part, held.Parts[i].Part, at, steps);
                break;
            default:
                throw Unsupported(at, "a view is named once and cannot be made to point elsewhere; declare another");
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
        Deconstruct(operation.Target, (LoweredGroup)Name("part", order[right], steps), p => order[places[p]], steps);
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
                _frame.Bind(local.Local, Name(local.Local.Name, part, steps));
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
