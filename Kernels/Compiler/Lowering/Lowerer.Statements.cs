using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using MomentumCore.Kernels.Compiler.Ir;
using MomentumCore.Kernels.Compiler.Rules;

namespace MomentumCore.Kernels.Compiler.Lowering;

/// <summary>Statements: blocks, declarations, loops, switches, returns.</summary>
internal sealed partial class Lowerer
{
    private const string NoLocalFunctions = "a kernel cannot declare local functions; use a static helper method of the class";

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
                    While(loop, steps);
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
                    throw Unsupported(operation, NoLocalFunctions);
                default:
                    throw Unsupported(operation, Words.Of(operation));
            }
        }
        catch (KernelRejection rejection)
        {
            Reject(rejection);
        }
    }

    private void Reject(KernelRejection rejection) => (rejection.IsEcho ? _echoes : _rejections).Add(rejection);

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
            && given.All(IsLeftOut))
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
            steps.Add(new Assign(_frame.Results[i], Convert(parts[i], _frame.Results[i].Type)));
        steps.Add(new Return(null));
    }

    private void ExpressionStatement(IOperation operation, ImmutableArray<Stmt>.Builder steps)
    {
        switch (operation)
        {
            case ISimpleAssignmentOperation { Target: IDiscardOperation } discard:
                foreach (var leaf in Leaves(Lower(discard.Value, steps)).Where(Effects.Change))
                    steps.Add(new Evaluate(leaf));
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
                steps.Add(new Assign(target, Computed(kind, target, One(target.Type), target.Type)));
                break;
            case IInvocationOperation call:
                CallStatement(call, steps);
                break;
            default:
                throw Unsupported(operation, Words.Of(operation));
        }
    }
}
