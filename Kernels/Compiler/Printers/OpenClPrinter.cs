using System.Collections.Generic;
using System.Linq;
using System.Text;
using MomentumCore.Kernels.Compiler.Ir;

namespace MomentumCore.Kernels.Compiler.Printers;

/// <summary>Writes a kernel as OpenCL C 1.2: no generic address space, no contraction, C#'s meaning of every operator.</summary>
internal sealed partial class OpenClPrinter
{
    private readonly StringBuilder _out = new();
    private readonly HashSet<string> _outParameters = [];
    private HashSet<string> _locals = [];
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
        _locals = [.. Types.Names(kernel)];
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
        Line($"__kernel void {EntryName(kernel.Name)}({string.Join(", ", parameters)})");
        Line("{");
        _indent++;
        foreach (var view in kernel.Parameters.OfType<ViewParameter>())
            Line($"{Name(view.Name)} += {Name(view.Name)}off;");
        // __local memory stands at the top of the kernel: drivers before 2.0 accept it nowhere else.
        foreach (var array in Types.Shared(kernel.Body))
            Line($"__local {Memory(array.View.Element)} {Name(array.View.Name)}[{array.Length}];");
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
        Line($"static {Type(helper.Result)} {Function(helper.Name)}({string.Join(", ", helper.Parameters.SelectMany(DeclareInHelper))})");
        Line("{");
        _indent++;
        Block(helper.Body);
        _indent--;
        Line("}\n");
        _outParameters.Clear();
    }

    private static IEnumerable<string> Declare(Parameter parameter) => parameter switch
    {
        ViewParameter { View: var v } => [$"__global {Memory(v.Element)}* {Name(v.Name)}", $"long {Name(v.Name)}off", $"long {Name(v.Name)}len"],
        ValueParameter v => [$"{Type(v.Type)} {Name(v.Name)}"],
        _ => [],
    };

    private static IEnumerable<string> DeclareInHelper(Parameter parameter) => parameter switch
    {
        ViewParameter { View: var v } => [$"{Qualifier(v.Space)}{Memory(v.Element)}* {Name(v.Name)}", $"long {Name(v.Name)}len"],
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
                Line($"{Qualifier(v.Space)}{Memory(v.Element)}* {Name(v.Name)} = ({Qualifier(v.Space)}{Memory(v.Element)}*)({Name(d.Source.Name)} + {Text(d.Offset)});");
                Line($"long {Name(v.Name)}len = (long)({Text(d.Length)});");
                break;
            case DeclareArray { View: { Space: Space.Private } v } d:
                Line($"{Memory(v.Element)} {Name(v.Name)}[{d.Length}];");
                Line($"const long {Name(v.Name)}len = {d.Length};");
                break;
            case DeclareArray { View: { Space: Space.DynamicShared } v }:
                Line($"__local {Memory(v.Element)}* {Name(v.Name)} = (__local {Memory(v.Element)}*)launch_dynamic;");
                Line($"const long {Name(v.Name)}len = launch_dynamic_bytes / sizeof({Memory(v.Element)});");
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
            string step = string.Join(", ", loop.Step.Select(s => s switch
            {
                Assign a => $"{Text(a.Target)} = {Text(a.Value)}",
                Evaluate e => Text(e.Value),
                _ => throw new System.InvalidOperationException($"no OpenCL text for {s.GetType().Name} in the head of a loop"),
            }));
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

    private static string Qualifier(Space space) => space switch
    {
        Space.Global => "__global ",
        Space.Shared or Space.DynamicShared => "__local ",
        _ => "",
    };

    /// <summary>
    /// The name of a kernel in its program. Words and functions of OpenCL C begin with small letters, its numbers are in
    /// capitals; a kernel called like one, or not in ASCII, gets a tail that no other name has.
    /// </summary>
    public static string EntryName(string kernel)
    {
        bool isPlain = kernel.Length > 0 && kernel[0] is >= 'A' and <= 'Z' && kernel != "Layout" && kernel[kernel.Length - 1] != '_'
            && (kernel.Length <= 2 || kernel.Any(char.IsLower))
            && kernel.All(c => c is >= 'A' and <= 'Z' or >= 'a' and <= 'z' or >= '0' and <= '9' or '_');
        return isPlain ? kernel : string.Concat(kernel.Select(c => c < 128 ? c.ToString() : $"u{(int)c:X4}")) + "_kernel";
    }

    // Words of C and OpenCL (half, kernel, min …) may be names in C#: every name gets a tail.
    private static string Name(string name) => name + "_";

    // A local may be called like a helper: C# tells K.Twice from Twice.
    private string Function(string helper) => _locals.Contains(helper) ? $"{helper}_call" : Name(helper);

    // C#'s bool has one byte in memory; in registers it is an int, as C's conditions are.
    private static string Memory(Scalar element) => element == Scalar.Bool ? "uchar" : Type(element);

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
