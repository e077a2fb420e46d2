using System.Collections.Generic;
using System.Linq;
using MomentumCore.Kernels.Compiler.Ir;

namespace MomentumCore.Kernels.Compiler.Printers;

/// <summary>Values.</summary>
internal sealed partial class OpenClPrinter
{
    private string Text(Expr value) => value switch
    {
        Constant c => OpenClNumbers.Text(c),
        Var v => _outParameters.Contains(v.Name) ? $"(*{Name(v.Name)})" : Name(v.Name),
        // A strided map has one element of each view, at an offset found at the start.
        Load { View.Space: Space.Global } l when _isStrided => $"{Name(l.View.Name)}[{Name(l.View.Name)}at]",
        Load l => $"{Name(l.View.Name)}[{Text(l.Index)}]",
        ViewLength l => $"{Name(l.View.Name)}len",
        Unary u => UnaryText(u),
        Binary b => BinaryText(b),
        Select s => $"({Text(s.Condition)} ? {Text(s.WhenTrue)} : {Text(s.WhenFalse)})",
        Convert c => ConvertText(c),
        Intrinsic i => IntrinsicText(i),
        Call c => $"{Function(c.Helper.Name)}({string.Join(", ", c.Arguments.SelectMany(ArgumentText))})",
        Position p => PositionText(p.Kind),
        AtomicOp a => $"{OpenClSupport.AtomicName(a)}({string.Join(", ", new[] { $"&{Text(a.Place)}" }.Concat(a.Arguments.Select(Text)))})",
        GroupOp g => $"{OpenClSupport.GroupName(g)}({string.Join(", ", g.Arguments.Select(Text))}, &{OpenClSupport.Cell(g)})",
        _ => throw new System.InvalidOperationException($"no OpenCL text for {value.GetType().Name}"),
    };

    private IEnumerable<string> ArgumentText(CallArgument argument) => argument switch
    {
        ValueArgument v => [Text(v.Value)],
        ViewArgument { View: var v } => [Name(v.Name), $"{Name(v.Name)}len"],
        OutArgument { Target: var t } => [_outParameters.Contains(t.Name) ? Name(t.Name) : $"&{Name(t.Name)}"],
        _ => [],
    };

    private string UnaryText(Unary unary) => unary.Kind switch
    {
        // Signed negation wraps in C# and is undefined in C: go through the unsigned type.
        UnaryKind.Negate when unary.Type.IsInteger() && unary.Type.IsSigned() => $"({Type(unary.Type)})(0u - ({Unsigned(unary.Type)}){Text(unary.Operand)})",
        UnaryKind.Negate => $"(-{Text(unary.Operand)})",
        UnaryKind.Not => $"(!{Text(unary.Operand)})",
        _ => $"(~{Text(unary.Operand)})",
    };

    private string BinaryText(Binary binary)
    {
        string left = Text(binary.Left), right = Text(binary.Right);
        var type = binary.Left.Type;
        bool wraps = type.IsInteger() && type.IsSigned();
        switch (binary.Kind)
        {
            case BinaryKind.Add or BinaryKind.Subtract or BinaryKind.Multiply when wraps:
                return $"({Type(type)})(({Unsigned(type)}){left} {Sign(binary.Kind)} ({Unsigned(type)}){right})";
            case BinaryKind.ShiftLeft:
                return $"({Type(type)})(({Unsigned(type)}){left} << ({right} & {(type.Bytes() * 8) - 1}))";
            case BinaryKind.ShiftRight:
                return $"({left} >> ({right} & {(type.Bytes() * 8) - 1}))";
            case BinaryKind.ShiftRightUnsigned:
                return $"({Type(type)})(({Unsigned(type)}){left} >> ({right} & {(type.Bytes() * 8) - 1}))";
            case BinaryKind.Divide or BinaryKind.Remainder when Types.CanFault(binary):
                return $"{OpenClSupport.DivisionName(binary)}({left}, {right})";
            case BinaryKind.Remainder when type.IsFloat():
                return $"fmod({left}, {right})";
            case BinaryKind.And or BinaryKind.Or or BinaryKind.Xor when type == Scalar.Bool:
                return $"((int)({left} != 0) {Sign(binary.Kind)} (int)({right} != 0))";
            default:
                return $"({left} {Sign(binary.Kind)} {right})";
        }
    }

    private string ConvertText(Convert convert)
    {
        var (from, to) = (convert.Operand.Type, convert.Type);
        string text = Text(convert.Operand);
        if (from.IsFloat() && to.IsInteger())
        {
            // C# saturates and turns NaN into 0; so does convert_..._sat. Small types go through int and wrap.
            var wide = to.Bytes() < 4 ? Scalar.I32 : to;
            string saturated = $"convert_{Type(wide)}_sat_rtz({text})";
            return wide == to ? saturated : $"({Type(to)}){saturated}";
        }

        return to == Scalar.Bool ? $"({text} != 0)" : $"({Type(to)}){text}";
    }

    private string IntrinsicText(Intrinsic intrinsic)
    {
        string[] a = [.. intrinsic.Arguments.Select(Text)];
        var type = intrinsic.Arguments[0].Type;
        bool isFloat = type.IsFloat();
        // min(uchar, int) would be neither min(uchar, uchar) nor min(int, int).
        if (type.IsInteger() && intrinsic.Kind is IntrinsicKind.Min or IntrinsicKind.Max or IntrinsicKind.Abs)
            a = [.. a.Select(text => $"({Type(type)}){text}")];
        return intrinsic.Kind switch
        {
            IntrinsicKind.Abs => isFloat ? $"fabs({a[0]})" : $"({Type(type)})abs({a[0]})",
            IntrinsicKind.Min => isFloat ? $"min_{Type(type)}({a[0]}, {a[1]})" : $"min({a[0]}, {a[1]})",
            IntrinsicKind.Max => isFloat ? $"max_{Type(type)}({a[0]}, {a[1]})" : $"max({a[0]}, {a[1]})",
            IntrinsicKind.Floor => $"floor({a[0]})",
            IntrinsicKind.Ceiling => $"ceil({a[0]})",
            IntrinsicKind.Truncate => $"trunc({a[0]})",
            IntrinsicKind.Round => $"rint({a[0]})",
            IntrinsicKind.Sqrt => $"sqrt({a[0]})",
            IntrinsicKind.CopySign => $"copysign({a[0]}, {a[1]})",
            IntrinsicKind.IsNaN => $"isnan({a[0]})",
            IntrinsicKind.IsInfinity => $"isinf({a[0]})",
            IntrinsicKind.IsFinite => $"isfinite({a[0]})",
            IntrinsicKind.FloatAsInt => $"as_{Type(intrinsic.Type)}({a[0]})",
            IntrinsicKind.IntAsFloat => $"as_{Type(intrinsic.Type)}({a[0]})",
            IntrinsicKind.MultiplyHigh => $"mul_hi({a[0]}, {a[1]})",
            IntrinsicKind.PopCount => $"(int)popcount({a[0]})",
            _ => $"(int)clz({a[0]})",
        };
    }

    private static string PositionText(PositionKind kind)
    {
        string name = kind.ToString();
        int axis = name[name.Length - 1] - 'X';
        string function = name.StartsWith("GroupIndex", System.StringComparison.Ordinal) ? "get_local_id"
            : name.StartsWith("GroupSize", System.StringComparison.Ordinal) ? "get_local_size"
            : name.StartsWith("GridIndex", System.StringComparison.Ordinal) ? "get_group_id"
            : "get_num_groups";
        return $"(int){function}({axis})";
    }

    private static string Sign(BinaryKind kind) => kind switch
    {
        BinaryKind.Add => "+",
        BinaryKind.Subtract => "-",
        BinaryKind.Multiply => "*",
        BinaryKind.Divide => "/",
        BinaryKind.Remainder => "%",
        BinaryKind.And => "&",
        BinaryKind.Or => "|",
        BinaryKind.Xor => "^",
        BinaryKind.AndAlso => "&&",
        BinaryKind.OrElse => "||",
        BinaryKind.Less => "<",
        BinaryKind.LessOrEqual => "<=",
        BinaryKind.Greater => ">",
        BinaryKind.GreaterOrEqual => ">=",
        BinaryKind.Equal => "==",
        _ => "!=",
    };
}
