using System;
using System.Collections.Generic;
using System.Linq;
using MomentumCore.Kernels.Compiler.Ir;
using Convert = MomentumCore.Kernels.Compiler.Ir.Convert;

namespace MomentumCore.Kernels.Compiler.Printers;

/// <summary>Writes one work item's values as C# again; views are pointers with a length beside them.</summary>
/// <param name="name">How a local is written.</param>
internal sealed class CSharpExpressions(Func<string, string> name)
{
    private const string Dialect = "global::MomentumCore.Kernels.Dialect.";

    public static string Length(string view) => $"{ScalarCSharp.Name(view)}__len";

    public string Text(Expr value) => value switch
    {
        Constant => ScalarCSharp.Text(value),
        _ when ScalarCSharp.IsChecked(value) => ScalarCSharp.Text(value),
        Var v => name(v.Name),
        Load l => $"{ScalarCSharp.Name(l.View.Name)}[{Text(l.Index)}]",
        ViewLength l => Length(l.View.Name),
        Unary u => $"({Sign(u.Kind)}{Text(u.Operand)})",
        Binary b => $"({Text(b.Left)} {ScalarCSharp.Sign(b.Kind)} {Text(b.Right)})",
        Select s => $"({Text(s.Condition)} ? {Text(s.WhenTrue)} : {Text(s.WhenFalse)})",
        Convert c => $"(({c.Type.CSharp()}){Text(c.Operand)})",
        Intrinsic i => Function(i),
        Call c => $"{Helper(c.Helper.Name)}({string.Join(", ", c.Arguments.SelectMany(Argument))})",
        Position p => Place(p.Kind),
        AtomicOp a => $"{Dialect}Atomic.{a.Kind}({string.Join(", ", new[] { $"ref {Text(a.Place)}" }.Concat(a.Arguments.Select(Text)))})",
        _ => throw new InvalidOperationException($"no C# text for {value.GetType().Name}"),
    };

    public static string Helper(string helper) => $"{helper}__helper";

    /// <summary>The local of generated code that holds a place: <c>GroupIndexX</c> is <c>groupIndexX__</c>.</summary>
    public static string Place(PositionKind kind)
    {
        string text = kind.ToString();
        return char.ToLowerInvariant(text[0]) + text.Substring(1) + "__";
    }

    private IEnumerable<string> Argument(CallArgument argument) => argument switch
    {
        ValueArgument v => [Text(v.Value)],
        ViewArgument { View: var v } => [ScalarCSharp.Name(v.Name), Length(v.Name)],
        OutArgument { Target: var t } => [$"ref {name(t.Name)}"],
        _ => [],
    };

    private static string Sign(UnaryKind kind) => kind switch
    {
        UnaryKind.Negate => "-",
        UnaryKind.Not => "!",
        _ => "~",
    };

    private string Function(Intrinsic call)
    {
        string[] a = [.. call.Arguments.Select(Text)];
        string arguments = string.Join(", ", a);
        var type = call.Arguments[0].Type;
        return call.Kind switch
        {
            IntrinsicKind.IsNaN or IntrinsicKind.IsInfinity or IntrinsicKind.IsFinite => $"{type.CSharp()}.{call.Kind}({arguments})",
            IntrinsicKind.FloatAsInt or IntrinsicKind.IntAsFloat => $"{Dialect}Interop.{call.Kind}({arguments})",
            IntrinsicKind.MultiplyHigh when type.Bytes() == 8 => $"System.Math.BigMul({a[0]}, {a[1]}, out _)",
            IntrinsicKind.MultiplyHigh => $"(uint)(((ulong){a[0]} * {a[1]}) >> 32)",
            IntrinsicKind.PopCount or IntrinsicKind.LeadingZeroCount => $"System.Numerics.BitOperations.{call.Kind}({arguments})",
            _ => $"{(type == Scalar.F32 ? "System.MathF" : "System.Math")}.{call.Kind}({arguments})",
        };
    }
}
