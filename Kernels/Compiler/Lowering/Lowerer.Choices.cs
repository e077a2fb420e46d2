using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using MomentumCore.Kernels.Compiler.Ir;

namespace MomentumCore.Kernels.Compiler.Lowering;

/// <summary>Choices between values: where one needs steps of its own, the choice becomes an if.</summary>
internal sealed partial class Lowerer
{
    /// <summary>A value that is computed only if it is chosen, and the steps before it.</summary>
    private sealed record ChoiceArm(ImmutableArray<Stmt> Steps, Expr Value);

    private ChoiceArm Arm(IOperation operation)
    {
        var steps = ImmutableArray.CreateBuilder<Stmt>();
        _depth++;
        try
        {
            var value = Value(operation, steps);
            return new ChoiceArm(steps.ToImmutable(), value);
        }
        finally
        {
            _depth--;
        }
    }

    private Expr Chosen(Expr condition, ChoiceArm whenTrue, ChoiceArm whenFalse, Scalar type, ImmutableArray<Stmt>.Builder steps)
    {
        if (whenTrue.Steps.IsEmpty && whenFalse.Steps.IsEmpty)
            return new Select(condition, whenTrue.Value, whenFalse.Value, type);
        var chosen = new Var(_frame.Fresh("chosen"), type);
        steps.Add(new Declare(chosen, null));
        steps.Add(new If(
            condition, whenTrue.Steps.Add(new Assign(chosen, whenTrue.Value)), whenFalse.Steps.Add(new Assign(chosen, whenFalse.Value))));
        return chosen;
    }

    /// <summary>a &amp;&amp; b and a || b.</summary>
    private Expr ShortCut(BinaryKind kind, Expr left, ChoiceArm right, ImmutableArray<Stmt>.Builder steps)
    {
        if (right.Steps.IsEmpty)
            return new Binary(kind, left, right.Value, Scalar.Bool);
        var settled = new ChoiceArm([], new Constant(kind == BinaryKind.OrElse, null, Scalar.Bool));
        return kind == BinaryKind.AndAlso
            ? Chosen(left, right, settled, Scalar.Bool, steps)
            : Chosen(left, settled, right, Scalar.Bool, steps);
    }

    private Expr SwitchExpression(ISwitchExpressionOperation choice, ImmutableArray<Stmt>.Builder steps)
    {
        // It is compared with each constant, but computed once.
        var selector = Value(choice.Value, steps);
        if (Effects.Change(selector))
            selector = Kept("choice", selector, steps);
        var type = RequireScalar(choice.Type, choice.Syntax);
        ChoiceArm? result = null;
        foreach (var arm in choice.Arms.Reverse())
        {
            if (arm.Guard != null)
                throw Unsupported(arm, "a kernel switches on constants only");
            var value = Arm(arm.Value);
            if (arm.Pattern is IConstantPatternOperation constant && result != null)
            {
                var inner = ImmutableArray.CreateBuilder<Stmt>();
                var equal = new Binary(BinaryKind.Equal, selector, Convert(Pure(constant.Value), selector.Type), Scalar.Bool);
                var chosen = Chosen(equal, value, result, type, inner);
                result = new ChoiceArm(inner.ToImmutable(), chosen);
            }
            else
            {
                result = arm.Pattern is IDiscardPatternOperation
                    ? value
                    : throw Unsupported(arm, "a kernel switches on constants only, and the last arm must be '_'");
            }
        }

        steps.AddRange(result!.Steps);
        return result.Value;
    }

    /// <summary>
    /// What a for loop does after each turn, as assignments and calls that fit into its head: what these need is declared before the loop.
    /// </summary>
    private static ImmutableArray<Stmt> Incrementor(
        ImmutableArray<Stmt>.Builder step, ImmutableArray<Stmt>.Builder before, IForLoopOperation loop)
    {
        var turn = ImmutableArray.CreateBuilder<Stmt>();
        foreach (var part in step)
        {
            switch (part)
            {
                case Declare { Value: not GroupOp } local:
                    before.Add(local with { Value = null });
                    if (local.Value != null)
                        turn.Add(new Assign(local.Variable, local.Value));
                    break;
                case Assign or Evaluate:
                    turn.Add(part);
                    break;
                default:
                    throw Unsupported(loop.AtLoopBottom[0], "a for loop's step is made of assignments and calls; put this one at the end of the loop's body");
            }
        }

        return turn.ToImmutable();
    }
}
