using System.Collections.Generic;
using System.Linq;
using System.Text;
using MomentumCore.Kernels.Compiler.Groups;
using MomentumCore.Kernels.Compiler.Ir;

namespace MomentumCore.Kernels.Compiler.Printers.Groups;

/// <summary>Writes a grouped kernel as the C# of one group: loops over the work items from barrier to barrier.</summary>
internal sealed class GroupPrinter : CSharpStatements
{
    private readonly KernelTree _kernel;
    private readonly GroupPlan _plan;
    private readonly GroupLocals _locals;
    private readonly Stack<int> _loops = new();
    private int? _region;
    private int _nextLoop;
    private bool _isHelper;

    private GroupPrinter(KernelTree kernel, StringBuilder text)
        : base(text, 2)
    {
        _kernel = kernel;
        _plan = new GroupPlan(kernel);
        _locals = new GroupLocals(kernel, _plan);
    }

    /// <summary>The members of a struct that implements IGroupBody; its fields are the launch's arguments.</summary>
    public static string Members(KernelTree kernel)
    {
        var text = new StringBuilder();
        var printer = new GroupPrinter(kernel, text);
        printer.MemoryBytes();
        printer.Run();
        // A helper's names are its own, whatever the kernel calls by them.
        printer._isHelper = true;
        printer.Helpers(kernel.Helpers);
        return text.ToString();
    }

    protected override string LocalName(string local)
    {
        string name = ScalarCSharp.Name(local);
        return !_isHelper && _plan.IsOnce(local) && IsDeclared(local) && !(_region is { } region && _locals.Writes(region, local)) ? name + "__once" : name;
    }

    protected override void Statement(Stmt step)
    {
        switch (step)
        {
            case var _ when _isHelper:
                base.Statement(step);
                break;
            case Declare d when _region != null && IsCarried(d.Variable.Name):
                if (d.Value != null)
                    Line($"{LocalName(d.Variable.Name)} = {Values.Text(d.Value)};");
                break;
            case DeclareView d when _locals.Views.Contains(d.View):
                Line($"{ScalarCSharp.Name(d.View.Name)} = {ViewStart(d)};");
                Line($"{CSharpExpressions.Length(d.View.Name)} = {Values.Text(d.Length)};");
                break;
            case DeclareArray: // there from the start
                break;
            case Continue when _region == null:
                Line($"goto again_{_loops.Peek()}__;");
                break;
            default:
                base.Statement(step);
                break;
        }
    }

    private bool IsDeclared(string local) => _locals.Once.Any(v => v.Name == local);

    /// <summary>Locals that are declared where the loop over the work items begins.</summary>
    private bool IsCarried(string local) => _locals.Locals.Any(v => v.Name == local) || IsDeclared(local);

    private void MemoryBytes()
    {
        var sizes = Slots().Select(s => s.PerItem ? $"((((long)items__ * {s.Bytes}) + 63) & ~63L)" : $"{(s.Bytes + 63) & ~63}");
        Line($"public readonly long MemoryBytes(int items__) => {string.Join(" + ", sizes.DefaultIfEmpty("0"))};\n");
    }

    /// <summary>What a group keeps in memory: name, type, bytes, and whether each work item has its own.</summary>
    private IEnumerable<(string Name, string Type, int Bytes, bool PerItem)> Slots()
    {
        foreach (var local in _locals.Locals)
            yield return (All(local.Name), local.Type.CSharp() + "*", local.Type.Bytes(), true);
        foreach (var view in _locals.Views)
        {
            yield return (All(view.Name), view.Element.CSharp() + "**", 8, true);
            yield return (All(CSharpExpressions.Length(view.Name)), "long*", 8, true);
        }

        foreach (var array in _locals.Arrays.Where(a => a.View.Space == Space.Private))
            yield return (All(array.View.Name), array.View.Element.CSharp() + "*", array.Length * array.View.Element.Bytes(), true);
        foreach (var array in _locals.Arrays.Where(a => a.View.Space == Space.Shared))
            yield return (ScalarCSharp.Name(array.View.Name), array.View.Element.CSharp() + "*", array.Length * array.View.Element.Bytes(), false);
    }

    private static string All(string name) => name.TrimStart('@') + "__all";

    private void Run()
    {
        Line("public unsafe void Run(in KernelConfig config__, int group__, byte* memory__, byte* dynamic__)");
        Open();
        Line("unchecked");
        Open();
        foreach (var parameter in _kernel.Parameters)
            Argument(parameter);
        foreach (string axis in new[] { "X", "Y", "Z" })
        {
            Line($"int gridSize{axis}__ = config__.GridDim.{axis}, groupSize{axis}__ = config__.GroupDim.{axis};");
            string place = axis switch
            {
                "X" => "group__ % gridSizeX__",
                "Y" => "group__ / gridSizeX__ % gridSizeY__",
                _ => "group__ / (gridSizeX__ * gridSizeY__)",
            };
            Line($"int gridIndex{axis}__ = {place};");
        }

        Line("int items__ = groupSizeX__ * groupSizeY__ * groupSizeZ__;");
        Memory();
        Nodes(_plan.Nodes);
        Close();
        Close();
        Line("");
    }

    private void Argument(Parameter parameter)
    {
        if (parameter is ValueParameter value)
            Line($"{value.Type.CSharp()} {ScalarCSharp.Name(value.Name)} = ({value.Type.CSharp()}){ScalarCSharp.Field(value.Path)};");
        if (parameter is ViewParameter { View: var view } v)
        {
            Line($"{view.Element.CSharp()}* {ScalarCSharp.Name(view.Name)} = {ScalarCSharp.Field(v.Path)}.Pointer;");
            Line($"long {CSharpExpressions.Length(view.Name)} = {ScalarCSharp.Field(v.Path)}.Length;");
        }
    }

    private void Memory()
    {
        foreach (var slot in Slots())
        {
            Line($"var {slot.Name} = ({slot.Type})memory__;");
            Line(slot.PerItem ? $"memory__ += (((long)items__ * {slot.Bytes}) + 63) & ~63L;" : $"memory__ += {(slot.Bytes + 63) & ~63};");
        }

        foreach (var array in _locals.Arrays)
        {
            if (array.View.Space == Space.DynamicShared)
            {
                string type = array.View.Element.CSharp();
                Line($"var {ScalarCSharp.Name(array.View.Name)} = ({type}*)dynamic__;");
                Line($"long {CSharpExpressions.Length(array.View.Name)} = config__.SharedMemory.Bytes / {array.View.Element.Bytes()};");
            }
            else
            {
                Line($"const long {CSharpExpressions.Length(array.View.Name)} = {array.Length};");
            }
        }
    }

    private void Nodes(IEnumerable<GroupNode> nodes)
    {
        foreach (var node in nodes)
        {
            switch (node)
            {
                case RegionNode r:
                    EachItem(r.Number, () =>
                    {
                        ReturnText = $"goto next_{r.Number}__;";
                        Braced(r.Steps);
                        ReturnText = "return;";
                        Line($"next_{r.Number}__:;");
                    });
                    break;
                case VoteNode v:
                    Vote(v);
                    break;
                case OnceNode o:
                    Statement(o.Step);
                    break;
                case IfNode i:
                    Line($"if ({Values.Text(i.Condition)})");
                    Block(i.Then);
                    if (!i.Else.IsEmpty)
                    {
                        Line("else");
                        Block(i.Else);
                    }

                    break;
                case LoopNode l:
                    Turns(l);
                    break;
            }
        }
    }

    private void Block(IEnumerable<GroupNode> nodes)
    {
        Open();
        Nodes(nodes);
        Close();
    }

    private void Turns(LoopNode loop)
    {
        int number = _nextLoop++;
        string test = loop.Condition == null ? "true" : Values.Text(loop.Condition);
        Open();
        Nodes(loop.Before);
        Line(loop.TestFirst ? $"while ({test})" : "do");
        Open();
        _loops.Push(number);
        Block(loop.Body);
        _loops.Pop();
        Line($"again_{number}__:;");
        Nodes(loop.Step);
        Close();
        if (!loop.TestFirst)
            Line($"while ({test});");
        Close();
    }

    private void Vote(VoteNode vote)
    {
        string result = LocalName(vote.Result.Name), type = vote.Result.Type.CSharp();
        var arguments = vote.Operation.Arguments;
        if (vote.Operation.Kind == GroupKind.Broadcast)
        {
            Line($"{type} {result} = default;");
            EachItem(vote.Number, () => Line($"if (item__ == {Values.Text(arguments[1])}) {result} = {Values.Text(arguments[0])};"));
            return;
        }

        Line($"int votes_{vote.Number}__ = 0;");
        EachItem(vote.Number, () => Line($"if ({Values.Text(arguments[0])}) votes_{vote.Number}__++;"));
        string value = vote.Operation.Kind switch
        {
            GroupKind.PopCount => "",
            GroupKind.And => " == items__",
            _ => " != 0",
        };
        Line($"{type} {result} = votes_{vote.Number}__{value};");
    }

    /// <summary>A loop over the work items; what lives longer is taken from memory at its start and put back at its end.</summary>
    private void EachItem(int region, System.Action body)
    {
        Open();
        Line("int item__ = -1;");
        foreach (string axis in new[] { "Z", "Y", "X" })
            Line($"for (int groupIndex{axis}__ = 0; groupIndex{axis}__ < groupSize{axis}__; groupIndex{axis}__++)");
        Open();
        Line("item__++;");
        _region = region;
        foreach (var local in _locals.Locals.Where(l => _locals.Uses(region, l.Name)))
            Line($"{local.Type.CSharp()} {ScalarCSharp.Name(local.Name)} = {All(local.Name)}[item__];");
        foreach (var local in _locals.Once.Where(l => _locals.Writes(region, l.Name)))
            Line($"{local.Type.CSharp()} {ScalarCSharp.Name(local.Name)} = {ScalarCSharp.Name(local.Name)}__once;");
        foreach (var view in _locals.Views.Where(v => _locals.Uses(region, v.Name)))
        {
            Line($"{view.Element.CSharp()}* {ScalarCSharp.Name(view.Name)} = {All(view.Name)}[item__];");
            Line($"long {CSharpExpressions.Length(view.Name)} = {All(CSharpExpressions.Length(view.Name))}[item__];");
        }

        foreach (var array in _locals.Arrays.Where(a => a.View.Space == Space.Private && _locals.Uses(region, a.View.Name)))
            Line($"var {ScalarCSharp.Name(array.View.Name)} = {All(array.View.Name)} + ((long)item__ * {array.Length});");
        body();
        foreach (var local in _locals.Locals.Where(l => _locals.Writes(region, l.Name)))
            Line($"{All(local.Name)}[item__] = {ScalarCSharp.Name(local.Name)};");
        foreach (var view in _locals.Views.Where(v => _locals.Writes(region, v.Name)))
        {
            Line($"{All(view.Name)}[item__] = {ScalarCSharp.Name(view.Name)};");
            Line($"{All(CSharpExpressions.Length(view.Name))}[item__] = {CSharpExpressions.Length(view.Name)};");
        }

        _region = null;
        Close();
        Close();
    }
}
