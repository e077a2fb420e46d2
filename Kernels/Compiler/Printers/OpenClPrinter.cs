using System.Collections.Generic;
using System.Linq;
using System.Text;
using MomentumCore.Kernels.Compiler.Ir;

namespace MomentumCore.Kernels.Compiler.Printers;

/// <summary>Writes a kernel as OpenCL C 1.2: no generic address space, no contraction, C#'s meaning of every operator.</summary>
internal sealed class OpenClPrinter
{
    private readonly StringBuilder _out = new();
    private readonly HashSet<string> _outParameters = [];
    private int _indent;
    private bool _isStrided;

    /// <summary>The source of a program with this one kernel.</summary>
    public static string Print(KernelTree kernel) => Print(kernel, isStrided: false);

    /// <summary>The same for a map over strided views: every view is read at an offset of its own.</summary>
    public static string PrintStrided(KernelTree map) => Print(map, isStrided: true);

    private static string Print(KernelTree kernel, bool isStrided)
    {
        var printer = new OpenClPrinter { _isStrided = isStrided };
        printer.Program(kernel);
        return printer._out.ToString();
    }

    private void Program(KernelTree kernel)
    {
        Line("#pragma OPENCL FP_CONTRACT OFF");
        if (Types.Uses(kernel, Scalar.F64))
            Line("#pragma OPENCL EXTENSION cl_khr_fp64 : enable");
        if (Types.UsesAtomics64(kernel))
            Line("#pragma OPENCL EXTENSION cl_khr_int64_base_atomics : enable\n#pragma OPENCL EXTENSION cl_khr_int64_extended_atomics : enable");
        _out.Append(OpenClSupport.For(kernel));
        if (_isStrided)
            _out.Append(OpenClSupport.Layout);
        foreach (var helper in kernel.Helpers)
            Function(helper);
        Kernel(kernel);
    }

    private void Kernel(KernelTree kernel)
    {
        var parameters = kernel.Parameters.SelectMany(Declare).ToList();
        if (kernel.Index != null)
            parameters.Insert(0, _isStrided ? "Layout launch_layout" : "int launch_count");
        var dynamicMemory = Types.DynamicShared(kernel).Select(v => v.Element).Distinct().ToList();
        if (dynamicMemory.Count > 0)
            parameters.AddRange(["__local char* launch_dynamic", "long launch_dynamic_bytes"]);
        Line($"__kernel void {kernel.Name}({string.Join(", ", parameters)})");
        Line("{");
        _indent++;
        foreach (var view in kernel.Parameters.OfType<ViewParameter>())
            Line($"{Name(view.Name)} += {Name(view.Name)}off;");
        // __local memory stands at the top of the kernel: drivers before 2.0 accept it nowhere else.
        foreach (var array in Types.Shared(kernel.Body))
            Line($"__local {Type(array.View.Element)} {Name(array.View.Name)}[{array.Length}];");
        foreach (string cell in Types.GroupOps(kernel).Select(g => $"__local {Type(g.Arguments[0].Type)} {OpenClSupport.Cell(g)};").Distinct())
            Line(cell);
        if (kernel.Index != null)
        {
            Line($"int {Name(kernel.Index)} = (int)get_global_id(0);");
            Line($"if ({Name(kernel.Index)} >= {(_isStrided ? "launch_layout.count" : "launch_count")}) return;");
            int operand = 0;
            foreach (var view in kernel.Parameters.OfType<ViewParameter>().Where(_ => _isStrided))
                Line($"long {Name(view.Name)}at = layout_offset(&launch_layout, {operand++}, {Name(kernel.Index)});");
        }

        Block(kernel.Body);
        _indent--;
        Line("}");
    }

    private void Function(Helper helper)
    {
        _outParameters.Clear();
        foreach (var parameter in helper.Parameters.OfType<OutParameter>())
            _outParameters.Add(parameter.Name);
        Line($"static {Type(helper.Result)} {Name(helper.Name)}({string.Join(", ", helper.Parameters.SelectMany(DeclareInHelper))})");
        Line("{");
        _indent++;
        Block(helper.Body);
        _indent--;
        Line("}\n");
        _outParameters.Clear();
    }

    private static IEnumerable<string> Declare(Parameter parameter) => parameter switch
    {
        ViewParameter { View: var v } => [$"__global {Type(v.Element)}* {Name(v.Name)}", $"long {Name(v.Name)}off", $"long {Name(v.Name)}len"],
        ValueParameter v => [$"{Type(v.Type)} {Name(v.Name)}"],
        _ => [],
    };

    private static IEnumerable<string> DeclareInHelper(Parameter parameter) => parameter switch
    {
        ViewParameter { View: var v } => [$"{Qualifier(v.Space)}{Type(v.Element)}* {Name(v.Name)}", $"long {Name(v.Name)}len"],
        ValueParameter v => [$"{Type(v.Type)} {Name(v.Name)}"],
        OutParameter o => [$"{Type(o.Type)}* {Name(o.Name)}"],
        _ => [],
    };

    private void Block(IEnumerable<Stmt> steps)
    {
        foreach (var step in steps)
            Statement(step);
    }

    private void Braced(IEnumerable<Stmt> steps)
    {
        Line("{");
        _indent++;
        Block(steps);
        _indent--;
        Line("}");
    }

    private void Statement(Stmt step)
    {
        switch (step)
        {
            case Declare d:
                Line($"{Type(d.Variable.Type)} {Name(d.Variable.Name)}{(d.Value == null ? "" : " = " + Text(d.Value))};");
                break;
            case DeclareView { View: var v } d:
                Line($"{Qualifier(v.Space)}{Type(v.Element)}* {Name(v.Name)} = ({Qualifier(v.Space)}{Type(v.Element)}*)({Name(d.Source.Name)} + {Text(d.Offset)});");
                Line($"long {Name(v.Name)}len = (long)({Text(d.Length)});");
                break;
            case DeclareArray { View: { Space: Space.Private } v } d:
                Line($"{Type(v.Element)} {Name(v.Name)}[{d.Length}];");
                Line($"const long {Name(v.Name)}len = {d.Length};");
                break;
            case DeclareArray { View: { Space: Space.DynamicShared } v }:
                Line($"__local {Type(v.Element)}* {Name(v.Name)} = (__local {Type(v.Element)}*)launch_dynamic;");
                Line($"const long {Name(v.Name)}len = launch_dynamic_bytes / sizeof({Type(v.Element)});");
                break;
            case DeclareArray { View: var v } d: // declared at the top
                Line($"const long {Name(v.Name)}len = {d.Length};");
                break;
            case Assign a:
                Line($"{Text(a.Target)} = {Text(a.Value)};");
                break;
            case If i:
                Line($"if ({Text(i.Condition)})");
                Braced(i.Then);
                if (!i.Else.IsEmpty)
                {
                    Line("else");
                    Braced(i.Else);
                }

                break;
            case Loop l:
                LoopStatement(l);
                break;
            case Break:
                Line("break;");
                break;
            case Continue:
                Line("continue;");
                break;
            case Return r:
                Line(r.Value == null ? "return;" : $"return {Text(r.Value)};");
                break;
            case Barrier:
                Line("barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);");
                break;
            case Fence:
                Line("mem_fence(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);");
                break;
            case Evaluate e:
                Line($"{Text(e.Value)};");
                break;
        }
    }

    private void LoopStatement(Loop loop)
    {
        // A block of its own keeps the loop's variable from meeting one of the same name.
        Line("{");
        _indent++;
        Block(loop.Before);
        if (loop.TestFirst)
        {
            string step = string.Join(", ", loop.Step.OfType<Assign>().Select(a => $"{Text(a.Target)} = {Text(a.Value)}"));
            Line($"for (; {(loop.Condition == null ? "" : Text(loop.Condition))}; {step})");
            Braced(loop.Body);
        }
        else
        {
            Line("do");
            Braced(loop.Body);
            Line($"while ({Text(loop.Condition!)});");
        }

        _indent--;
        Line("}");
    }

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
        Call c => $"{Name(c.Helper.Name)}({string.Join(", ", c.Arguments.SelectMany(ArgumentText))})",
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

    private static string Qualifier(Space space) => space switch
    {
        Space.Global => "__global ",
        Space.Shared or Space.DynamicShared => "__local ",
        _ => "",
    };

    // Words of C and OpenCL (half, kernel, min …) may be names in C#: every name gets a tail.
    private static string Name(string name) => name + "_";

    internal static string Type(Scalar type) => type switch
    {
        Scalar.Void => "void",
        Scalar.Bool => "int",
        Scalar.I8 => "char",
        Scalar.U8 => "uchar",
        Scalar.I16 => "short",
        Scalar.U16 => "ushort",
        Scalar.I32 => "int",
        Scalar.U32 => "uint",
        Scalar.I64 => "long",
        Scalar.U64 => "ulong",
        Scalar.F32 => "float",
        _ => "double",
    };

    private static string Unsigned(Scalar type) => type.Bytes() == 8 ? "ulong" : "uint";

    private void Line(string text) => _out.Append(' ', _indent * 4).Append(text).Append('\n');
}
