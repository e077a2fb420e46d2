using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using MomentumCore.Kernels.Compiler.Ir;

namespace MomentumCore.Kernels.Compiler.Lowering;

/// <summary>What a number is compared with: the arms and sections of a switch, and the patterns after 'is'.</summary>
internal sealed partial class Lowerer
{
    private const string OneNumber = "a kernel compares one number with patterns: compare the parts of a struct or tuple with ==";

    /// <summary>Whether a number matches; what a pattern names is declared before.</summary>
    private Expr Matches(Expr value, IPatternOperation pattern, ImmutableArray<Stmt>.Builder steps)
    {
        switch (pattern)
        {
            case IConstantPatternOperation constant:
                return IsEqual(value, constant.Value);
            case IRelationalPatternOperation relation:
                return new Binary(Operator(relation.OperatorKind, relation), value, Convert(ValueOfConstant(relation.Value), value.Type), Scalar.Bool);
            case INegatedPatternOperation negated:
                return new Unary(UnaryKind.Not, Matches(value, negated.Pattern, steps), Scalar.Bool);
            case IBinaryPatternOperation two:
                var left = Matches(value, two.LeftPattern, steps);
                var right = Matches(value, two.RightPattern, steps);
                return new Binary(two.OperatorKind == BinaryOperatorKind.And ? BinaryKind.AndAlso : BinaryKind.OrElse, left, right, Scalar.Bool);
            case IDiscardPatternOperation:
                return new Constant(true, null, Scalar.Bool);
            case IDeclarationPatternOperation named when named.InputType.Equals(named.NarrowedType, SymbolEqualityComparer.Default):
                if (named.DeclaredSymbol is { } symbol)
                    _frame.Bind(symbol, Name(symbol.Name, new LoweredValue(value), steps));
                return new Constant(true, null, Scalar.Bool);
            default:
                throw Unsupported(pattern, "a kernel compares numbers with constants: 3, < 3, and, or, not, var");
        }
    }

    /// <summary>As C# compares with a constant: NaN is NaN.</summary>
    private Expr IsEqual(Expr value, IOperation constant) => constant.ConstantValue.Value is float.NaN or double.NaN
        ? new Intrinsic(IntrinsicKind.IsNaN, [value], Scalar.Bool)
        : new Binary(BinaryKind.Equal, value, Convert(ValueOfConstant(constant), value.Type), Scalar.Bool);

    /// <summary>A value that is looked at more than once, and stays what it was.</summary>
    private Expr Settled(string name, Expr value, ImmutableArray<Stmt>.Builder steps) => value is Constant ? value : Kept(name, value, steps);

    private Expr SwitchExpression(ISwitchExpressionOperation choice, ImmutableArray<Stmt>.Builder steps)
    {
        if (ScalarOf(choice.Value.Type) == null)
            throw Unsupported(choice.Value, OneNumber);
        // It is compared with each constant, but computed once.
        var selector = Value(choice.Value, steps);
        if (Effects.Change(selector) || choice.Arms.Any(a => a.Guard != null || a.Pattern is not (IConstantPatternOperation or IDiscardPatternOperation)))
            selector = Settled("choice", selector, steps);
        var type = RequireScalar(choice.Type, choice.Syntax);
        ChoiceArm? result = null;
        foreach (var arm in choice.Arms.Reverse())
        {
            var inner = ImmutableArray.CreateBuilder<Stmt>();
            _depth++;
            var test = Matches(selector, arm.Pattern, inner);
            if (arm.Guard != null)
                test = ShortCut(BinaryKind.AndAlso, test, Arm(arm.Guard), inner);
            _depth--;
            var value = Arm(arm.Value);
            if (result != null)
                result = new ChoiceArm([], Chosen(test, value, result, type, inner));
            else
                result = test is Constant ? value : throw Unsupported(arm, "the last arm of a switch in a kernel must be '_'");
            result = result with { Steps = [.. inner, .. result.Steps] };
        }

        steps.AddRange(result!.Steps);
        return result.Value;
    }

    /// <summary>A switch becomes a chain of ifs: devices differ in what they can switch on.</summary>
    private void Switch(ISwitchOperation choice, ImmutableArray<Stmt>.Builder steps)
    {
        if (ScalarOf(choice.Value.Type) == null)
            throw Unsupported(choice.Value, OneNumber);
        var variable = Kept("choice", Value(choice.Value, steps), steps);
        ImmutableArray<Stmt> rest = [];
        var sections = choice.Cases.OrderBy(c => c.Clauses.Any(k => k is IDefaultCaseClauseOperation)).Reverse();
        foreach (var section in sections)
        {
            var before = ImmutableArray.CreateBuilder<Stmt>();
            bool isDefault = section.Clauses.Any(c => c is IDefaultCaseClauseOperation);
            _depth++;
            Expr? test = null;
            foreach (var clause in section.Clauses.Where(c => c is not IDefaultCaseClauseOperation))
            {
                var matches = Clause(clause, variable, isDefault, before);
                test = test == null ? matches : new Binary(BinaryKind.OrElse, test, matches, Scalar.Bool);
            }

            _depth--;
            var body = SwitchBody(section);
            rest = isDefault ? body : [.. before, new If(test!, body, rest)];
        }

        steps.AddRange(rest);
    }

    private Expr Clause(ICaseClauseOperation clause, Var selector, bool isDefault, ImmutableArray<Stmt>.Builder before)
    {
        switch (clause)
        {
            case ISingleValueCaseClauseOperation single:
                return IsEqual(selector, single.Value);
            case IPatternCaseClauseOperation { Guard: null } pattern:
                return Matches(selector, pattern.Pattern, before);
            case IPatternCaseClauseOperation { Guard: { } guard } pattern when !isDefault:
                var matches = Matches(selector, pattern.Pattern, before);
                return ShortCut(BinaryKind.AndAlso, matches, Arm(guard), before);
            default:
                throw Unsupported(clause, "a label with 'when' beside 'default': give it a section of its own");
        }
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
}
