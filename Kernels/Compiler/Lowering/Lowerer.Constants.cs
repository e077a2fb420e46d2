using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using MomentumCore.Kernels.Compiler.Ir;

namespace MomentumCore.Kernels.Compiler.Lowering;

/// <summary>Numbers that are known at build time: literals, and constants by what they are computed from.</summary>
internal sealed partial class Lowerer
{
    /// <summary>The value of what a constant is computed from, which takes no steps.</summary>
    private Expr ValueOfConstant(IOperation operation) => Value(operation, ImmutableArray.CreateBuilder<Stmt>());

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

    /// <summary>C# leaves open what a float constant becomes as an integer that cannot hold it.</summary>
    private void RequireFit(IOperation constant)
    {
        foreach (var part in constant is ILiteralOperation ? [] : constant.DescendantsAndSelf())
        {
            if (part is IConversionOperation { Operand.ConstantValue: { HasValue: true, Value: var value }, Type: { } type }
                && TypeRules.ScalarOf(type) is { } scalar && scalar.IsInteger()
                && (value is float f ? f : value as double?) is { } number && !Fits(System.Math.Truncate(number), scalar))
            {
                throw Unsupported(part, $"C# leaves open what {number.ToString(System.Globalization.CultureInfo.InvariantCulture)} is as '{scalar.CSharp()}'; write the whole number that you mean");
            }

            if (Initializer(part) is { } initializer)
                RequireFit(initializer);
        }
    }

    private static bool Fits(double number, Scalar type)
    {
        double most = System.Math.Pow(2, (8 * type.Bytes()) - (type.IsSigned() ? 1 : 0));
        return number >= (type.IsSigned() ? -most : 0) && number < most;
    }

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

    private IOperation? Meaning(SyntaxNode node)
    {
        // What stands around a value has no meaning of its own.
        while (node is ParenthesizedExpressionSyntax or CheckedExpressionSyntax)
            node = node is ParenthesizedExpressionSyntax inner ? inner.Expression : ((CheckedExpressionSyntax)node).Expression;
        return DialectSource.Owner(_compilation, node.SyntaxTree).GetSemanticModel(node.SyntaxTree).GetOperation(node, _cancel);
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
            return Convert(ValueOfConstant(Meaning(value)!), type);
        return Typed(at.ConstantValue.Value!, null, type);
    }

    private static Constant Negated(Constant number, string text) => number with
    {
        Value = number.Value is float f ? -f : -(double)number.Value,
        Text = text.StartsWith("-", System.StringComparison.Ordinal) ? text.Substring(1) : "-" + text,
    };
}
