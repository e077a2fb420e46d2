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

    /// <summary>condition ? a : b of structs and tuples.</summary>
    private Lowered GroupChoice(IConditionalOperation choice, ImmutableArray<Stmt>.Builder steps)
    {
        var condition = Settled("choice", Value(choice.Condition, steps), steps);
        var (whenTrue, trueSteps) = GroupArm(choice.WhenTrue);
        var (whenFalse, falseSteps) = GroupArm(choice.WhenFalse!);
        if (trueSteps.Count == 0 && falseSteps.Count == 0)
            return PartByPart(condition, whenTrue, whenFalse, choice);
        var chosen = DeclareEmpty("chosen", choice.Type!, choice.Syntax, steps);
        Assignment(chosen, whenTrue, choice, trueSteps);
        Assignment(chosen, whenFalse, choice, falseSteps);
        steps.Add(new If(condition, trueSteps.ToImmutable(), falseSteps.ToImmutable()));
        return chosen;
    }

    private (Lowered Value, ImmutableArray<Stmt>.Builder Steps) GroupArm(IOperation operation)
    {
        var steps = ImmutableArray.CreateBuilder<Stmt>();
        _depth++;
        try
        {
            return (Lower(operation, steps), steps);
        }
        finally
        {
            _depth--;
        }
    }

    private static Lowered PartByPart(Expr condition, Lowered whenTrue, Lowered whenFalse, IOperation at) => (whenTrue, whenFalse) switch
    {
        (LoweredValue a, LoweredValue b) => new LoweredValue(new Select(condition, a.Value, b.Value, a.Value.Type)),
        (LoweredGroup a, LoweredGroup b) when a.Parts.Length == b.Parts.Length =>
            new LoweredGroup([.. a.Parts.Zip(b.Parts, (x, y) => (x.Name, PartByPart(condition, x.Part, y.Part, at)))]),
        _ => throw Unsupported(at, "a kernel chooses between numbers, and structs and tuples of them; use an if"),
    };
}
