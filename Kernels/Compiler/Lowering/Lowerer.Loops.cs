using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using MomentumCore.Kernels.Compiler.Ir;

namespace MomentumCore.Kernels.Compiler.Lowering;

/// <summary>Loops: where the condition or the step of one needs steps of its own, they move into the body.</summary>
internal sealed partial class Lowerer
{
    private void While(IWhileLoopOperation loop, ImmutableArray<Stmt>.Builder steps)
    {
        var (test, condition) = Test(loop.Condition!);
        var body = Block(loop.Body);
        if (test.IsEmpty)
            steps.Add(new Loop([], condition, [], body, loop.ConditionIsTop));
        else if (loop.ConditionIsTop)
            steps.Add(new Loop([], null, [], [.. test, Leave(condition!), .. body], TestFirst: true));
        else
            LaterTurns([], [.. test, Leave(condition!)], body, steps);
    }

    private void For(IForLoopOperation loop, ImmutableArray<Stmt>.Builder steps)
    {
        var before = ImmutableArray.CreateBuilder<Stmt>();
        foreach (var operation in loop.Before)
            Statement(operation, before);
        var (test, condition) = loop.Condition == null ? ([], null) : Test(loop.Condition);
        var step = ImmutableArray.CreateBuilder<Stmt>();
        _depth++;
        foreach (var operation in loop.AtLoopBottom)
            Statement(operation, step);
        _depth--;
        var body = Block(loop.Body);
        if (!test.IsEmpty)
        {
            body = [.. test, Leave(condition!), .. body];
            condition = null;
        }

        if (Incrementor(step.ToImmutable(), before) is { } turn)
            steps.Add(new Loop(before.ToImmutable(), condition, turn, body, TestFirst: true));
        else
            LaterTurns(before.ToImmutable(), step.ToImmutable(), condition == null ? body : [Leave(condition), .. body], steps);
    }

    /// <summary>
    /// A loop that does something between its turns. A continue goes there too, so that it stands where each turn but the
    /// first begins.
    /// </summary>
    private void LaterTurns(ImmutableArray<Stmt> before, ImmutableArray<Stmt> between, ImmutableArray<Stmt> body, ImmutableArray<Stmt>.Builder steps)
    {
        var isFirst = new Var(_frame.Fresh("first"), Scalar.Bool);
        Constant Truth(bool value) => new(value, null, Scalar.Bool);
        steps.Add(new Loop(
            before.Add(new Declare(isFirst, Truth(true))), null, [],
            [new If(new Unary(UnaryKind.Not, isFirst, Scalar.Bool), between, []), new Assign(isFirst, Truth(false)), .. body], TestFirst: true));
    }

    /// <summary>What a condition comes to, and the steps before it.</summary>
    private (ImmutableArray<Stmt> Steps, Expr? Value) Test(IOperation condition)
    {
        var arm = Arm(condition);
        return (arm.Steps, arm.Value);
    }

    private static If Leave(Expr unless) => new(new Unary(UnaryKind.Not, unless, Scalar.Bool), [new Break()], []);

    /// <summary>
    /// What a for loop does after each turn, as assignments and calls that fit into its head: what these need is declared
    /// before the loop. Null where something else is among them.
    /// </summary>
    private static ImmutableArray<Stmt>? Incrementor(ImmutableArray<Stmt> step, ImmutableArray<Stmt>.Builder before)
    {
        var turn = ImmutableArray.CreateBuilder<Stmt>();
        var declared = ImmutableArray.CreateBuilder<Stmt>();
        foreach (var part in step)
        {
            switch (part)
            {
                case Declare { Value: not GroupOp } local:
                    declared.Add(local with { Value = null });
                    if (local.Value != null)
                        turn.Add(new Assign(local.Variable, local.Value));
                    break;
                case Assign or Evaluate:
                    turn.Add(part);
                    break;
                default:
                    return null;
            }
        }

        before.AddRange(declared);
        return turn.ToImmutable();
    }
}
