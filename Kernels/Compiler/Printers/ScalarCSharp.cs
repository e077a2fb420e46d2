using System.Globalization;
using System.Linq;
using Microsoft.CodeAnalysis.CSharp;
using MomentumCore.Kernels.Compiler.Ir;
using MomentumCore.Kernels.Compiler.Printers.Simd;
using Convert = MomentumCore.Kernels.Compiler.Ir.Convert;

namespace MomentumCore.Kernels.Compiler.Printers;

/// <summary>Writes values that are the same for all work items as C# again.</summary>
internal static class ScalarCSharp
{
    public static string Name(string name) =>
        SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None ? name : "@" + name;

    /// <summary>A name and the fields after it.</summary>
    public static string Path(string path) => string.Join(".", path.Split('.').Select(Name));

    /// <summary>The field of a body that holds a launch's argument, and the fields after it.</summary>
    public static string Field(string path) => "F_" + string.Join(".", path.Split('.').Select((name, i) => i == 0 ? name : Name(name)));

    public static string Text(Expr value) => IsChecked(value) ? $"unchecked({Plain(value)})" : Plain(value);

    /// <summary>Whether C# computes it while it compiles, and would refuse what does not fit.</summary>
    public static bool IsChecked(Expr value) =>
        value is Convert or Unary or Binary && value.Type.IsInteger()
        && Types.Within(value).All(e => e is Constant or Unary or Binary or Convert or Select);

    private static string Plain(Expr value) => value switch
    {
        Constant c => Number(c),
        Var v => Name(v.Name),
        Unary u => $"({UnarySign(u.Kind)}{Text(u.Operand)})",
        Binary b => $"({Text(b.Left)} {Sign(b.Kind)} {Text(b.Right)})",
        Select s => $"({Text(s.Condition)} ? {Text(s.WhenTrue)} : {Text(s.WhenFalse)})",
        Convert c => $"(({c.Type.CSharp()}){Text(c.Operand)})",
        Intrinsic i => Function(i),
        _ => throw new NoSimdForm($"{value.GetType().Name} has no scalar form"),
    };

    public static string Sign(BinaryKind kind) => kind switch
    {
        BinaryKind.Add => "+",
        BinaryKind.Subtract => "-",
        BinaryKind.Multiply => "*",
        BinaryKind.Divide => "/",
        BinaryKind.Remainder => "%",
        BinaryKind.And => "&",
        BinaryKind.Or => "|",
        BinaryKind.Xor => "^",
        BinaryKind.ShiftLeft => "<<",
        BinaryKind.ShiftRight => ">>",
        BinaryKind.ShiftRightUnsigned => ">>>",
        BinaryKind.AndAlso => "&&",
        BinaryKind.OrElse => "||",
        BinaryKind.Less => "<",
        BinaryKind.LessOrEqual => "<=",
        BinaryKind.Greater => ">",
        BinaryKind.GreaterOrEqual => ">=",
        BinaryKind.Equal => "==",
        _ => "!=",
    };

    private static string UnarySign(UnaryKind kind) => kind switch
    {
        UnaryKind.Negate => "-",
        UnaryKind.Not => "!",
        _ => "~",
    };

    private static string Function(Intrinsic call)
    {
        string arguments = string.Join(", ", call.Arguments.Select(Text));
        var type = call.Arguments[0].Type;
        return call.Kind switch
        {
            IntrinsicKind.IsNaN or IntrinsicKind.IsInfinity or IntrinsicKind.IsFinite => $"{type.CSharp()}.{call.Kind}({arguments})",
            IntrinsicKind.FloatAsInt or IntrinsicKind.IntAsFloat => $"Interop.{call.Kind}({arguments})",
            IntrinsicKind.MultiplyHigh or IntrinsicKind.PopCount or IntrinsicKind.LeadingZeroCount =>
                throw new NoSimdForm($"{call.Kind} has no vector form"),
            _ => $"{(type == Scalar.F32 ? "System.MathF" : "System.Math")}.{call.Kind}({arguments})",
        };
    }

    private static string Number(Constant number)
    {
        var culture = CultureInfo.InvariantCulture;
        switch (number.Type)
        {
            case Scalar.Bool:
                return (bool)number.Value ? "true" : "false";
            case Scalar.F32:
                float f = System.Convert.ToSingle(number.Value, culture);
                return Special("float", f, f == 0 && 1 / f < 0) ?? Negative(f.ToString("G9", culture) + "f");
            case Scalar.F64:
                double d = System.Convert.ToDouble(number.Value, culture);
                return Special("double", d, d == 0 && 1 / d < 0) ?? Negative(d.ToString("G17", culture) + "d");
            case Scalar.U32:
                return $"{number.Value}u";
            case Scalar.U64:
                return $"{number.Value}UL";
            case Scalar.I64:
                return Negative(System.Convert.ToInt64(number.Value, culture).ToString(culture) + "L");
            case Scalar.I32:
                return Negative(System.Convert.ToString(number.Value, culture));
            default: // Math.Min(b, 5) would be neither that of bytes nor that of ints
                return $"(({number.Type.CSharp()}){Negative(System.Convert.ToString(number.Value, culture))})";
        }
    }

    private static string? Special(string type, double value, bool isNegativeZero) => value switch
    {
        double.NaN => $"{type}.NaN",
        double.PositiveInfinity => $"{type}.PositiveInfinity",
        double.NegativeInfinity => $"{type}.NegativeInfinity",
        _ => isNegativeZero ? $"{type}.NegativeZero" : null,
    };

    private static string Negative(string digits) => digits[0] == '-' ? $"({digits})" : digits;
}
