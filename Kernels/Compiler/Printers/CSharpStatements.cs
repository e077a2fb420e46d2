using System.Collections.Generic;
using System.Linq;
using System.Text;
using MomentumCore.Kernels.Compiler.Ir;

namespace MomentumCore.Kernels.Compiler.Printers;

/// <summary>Writes one work item's steps, and the helpers that it calls, as C# again.</summary>
internal class CSharpStatements
{
    private readonly StringBuilder _out;

    public CSharpStatements(StringBuilder text, int indent)
    {
        _out = text;
        Indent = indent;
        Values = new CSharpExpressions(LocalName);
    }

    protected int Indent { get; set; }

    protected CSharpExpressions Values { get; }

    /// <summary>What a return becomes.</summary>
    protected string ReturnText { get; set; } = "return;";

    /// <summary>Helper methods, as static methods.</summary>
    public void Helpers(IEnumerable<Helper> helpers)
    {
        foreach (var helper in helpers)
        {
            string parameters = string.Join(", ", helper.Parameters.SelectMany(Parameter));
            Line($"private static unsafe {helper.Result.CSharp()} {CSharpExpressions.Helper(helper.Name)}({parameters})");
            Braced(helper.Body);
        }
    }

    /// <summary>A parameter as generated methods take it.</summary>
    public static IEnumerable<string> Parameter(Parameter parameter) => parameter switch
    {
        ViewParameter { View: var v } => [$"{v.Element.CSharp()}* {ScalarCSharp.Name(v.Name)}", $"long {CSharpExpressions.Length(v.Name)}"],
        ValueParameter v => [$"{v.Type.CSharp()} {ScalarCSharp.Name(v.Name)}"],
        OutParameter o => [$"ref {o.Type.CSharp()} {ScalarCSharp.Name(o.Name)}"],
        _ => [],
    };

    public void Braced(IEnumerable<Stmt> steps)
    {
        Open();
        foreach (var step in steps)
            Statement(step);
        Close();
    }

    protected void Open()
    {
        Line("{");
        Indent++;
    }

    protected void Close()
    {
        Indent--;
        Line("}");
    }

    protected void Line(string text) => _out.Append(' ', Indent * 4).Append(text).Append('\n');

    /// <summary>How a local is written where it stands.</summary>
    protected virtual string LocalName(string local) => ScalarCSharp.Name(local);

    protected virtual void Statement(Stmt step)
    {
        switch (step)
        {
            case Declare d:
                Line($"{d.Variable.Type.CSharp()} {LocalName(d.Variable.Name)} = {(d.Value == null ? "default" : Values.Text(d.Value))};");
                break;
            case DeclareView d:
                string type = d.View.Element.CSharp(), name = ScalarCSharp.Name(d.View.Name);
                Line($"{type}* {name} = {ViewStart(d)};");
                Line($"long {CSharpExpressions.Length(d.View.Name)} = {Values.Text(d.Length)};");
                break;
            case DeclareArray { View: { Space: Space.Private } v } d:
                Line($"{v.Element.CSharp()}* {ScalarCSharp.Name(v.Name)} = stackalloc {v.Element.CSharp()}[{d.Length}];");
                Line($"const long {CSharpExpressions.Length(v.Name)} = {d.Length};");
                break;
            case Assign a:
                Line($"{Values.Text(a.Target)} = {Values.Text(a.Value)};");
                break;
            case If i:
                Line($"if ({Values.Text(i.Condition)})");
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
            case Return { Value: { } v }:
                Line($"return {Values.Text(v)};");
                break;
            case Return:
                Line(ReturnText);
                break;
            case Fence f:
                Line($"global::MomentumCore.Kernels.Dialect.MemoryFence.{(f.DeviceWide ? "DeviceLevel" : "GroupLevel")}();");
                break;
            case Evaluate e:
                Line($"{Discarded(e)};");
                break;
        }
    }

    private string Discarded(Evaluate step) => $"{(step.Value is Call { Type: Scalar.Void } ? "" : "_ = ")}{Values.Text(step.Value)}";

    protected string ViewStart(DeclareView d) =>
        $"({d.View.Element.CSharp()}*)({ScalarCSharp.Name(d.Source.Name)} + {Values.Text(d.Offset)})";

    private void LoopStatement(Loop loop)
    {
        Open();
        foreach (var step in loop.Before)
            Statement(step);
        if (loop.TestFirst)
        {
            string steps = string.Join(", ", loop.Step.Select(s => s switch
            {
                Assign a => $"{Values.Text(a.Target)} = {Values.Text(a.Value)}",
                Evaluate e => Discarded(e),
                _ => throw new System.InvalidOperationException($"no C# text for {s.GetType().Name} in the head of a loop"),
            }));
            Line($"for (; {(loop.Condition == null ? "" : Values.Text(loop.Condition))}; {steps})");
            Braced(loop.Body);
        }
        else
        {
            Line("do");
            Braced(loop.Body);
            Line($"while ({Values.Text(loop.Condition!)});");
        }

        Close();
    }
}
