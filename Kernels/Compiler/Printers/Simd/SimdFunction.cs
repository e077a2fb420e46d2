using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Text;
using MomentumCore.Kernels.Compiler.Ir;

namespace MomentumCore.Kernels.Compiler.Printers.Simd;

/// <summary>
/// Writes the body of a kernel or helper over vectors: lanes that a condition parts run one after the other under masks.
/// </summary>
/// <param name="lanes">The width.</param>
/// <param name="index">The kernel's index, which has no vector form.</param>
/// <param name="taken">The names of the kernel and its helpers.</param>
/// <param name="text">Where the text goes.</param>
internal sealed partial class SimdFunction(Lanes lanes, string? index, HashSet<string> taken, StringBuilder text)
{
    private readonly Dictionary<string, int> _declared = [];
    private readonly List<string> _after = [];
    private Uniformity _uniformity = null!; // set by the two entry points
    private Region _region = new(null, 0);
    private int _names;
    private int _loopDepth;
    private int _indent = 3;

    /// <summary>Writes a kernel's body; gives the scalar parameters that it assigns to, which come in as name_in.</summary>
    public HashSet<string> Kernel(KernelTree kernel)
    {
        var body = EarlyReturns.ToTheEnd(kernel.Body);
        _uniformity = new Uniformity([kernel.Index!], body);
        var assigned = kernel.Parameters.OfType<ValueParameter>().Where(v => _uniformity.Varies(v.Name)).ToList();
        foreach (var value in assigned)
            Line($"{lanes.Vector(value.Type)} {ScalarCSharp.Name(value.Name)} = {lanes.Repeat(SimdPrinter.Beside(kernel, value.Name, "in"), value.Type)};");
        Block(body);
        return [.. assigned.Select(v => v.Name)];
    }

    /// <summary>Writes a helper's body.</summary>
    public void Helper(Helper helper)
    {
        if (helper.Parameters.Any(p => p is ViewParameter))
            throw new NoSimdForm("it hands a view to a helper");
        var body = EarlyReturns.ToTheEnd(helper.Body);
        _uniformity = new Uniformity(helper.Parameters.Select(p => p.Name), body);
        if (helper.Result == Scalar.Void)
            Block(body);
        else
            Line($"return {Result(body, helper.Result)};");
    }

    private void Block(ImmutableArray<Stmt> steps)
    {
        foreach (var step in steps)
            Statement(step);
    }

    private void Statement(Stmt step)
    {
        if (_region.Mask != null && Types.Direct(step).SelectMany(Types.Within).OfType<Call>().Any(c => c.Arguments.Any(a => a is OutArgument))
            && step is not (Evaluate { Value: Call } or Declare { Value: Call } or Assign { Value: Call }))
        {
            throw new NoSimdForm("a helper with out parameters is called inside a larger expression under a condition");
        }

        if (_region.Mask != null)
        {
            foreach (var value in Types.Direct(step))
                RequireNoFault(value);
        }

        switch (step)
        {
            case Declare { Variable: var v } d:
                _declared[v.Name] = _region.Depth;
                string name = ScalarCSharp.Name(v.Name);
                if (_uniformity.Varies(v.Name))
                    Line($"{lanes.Vector(v.Type)} {name} = {(d.Value == null ? "default" : Lift(d.Value))};");
                else
                    Line($"{v.Type.CSharp()} {name} = {(d.Value == null ? "default" : ScalarCSharp.Text(d.Value))};");
                break;
            case Assign { Target: Var v } a:
                Line(AssignText(v, a.Value) + ";");
                break;
            case Assign { Target: Load l } a:
                Store(l.View, Lift(a.Value));
                break;
            case If i:
                Choice(i);
                break;
            case Loop l:
                LoopText(l);
                break;
            case Break or Continue when _region.Depth > _loopDepth:
                throw new NoSimdForm("work items leave a loop at different times");
            case Break:
                Line("break;");
                break;
            case Continue:
                Line("continue;");
                break;
            case Evaluate e:
                Line($"{(e.Value is Call { Type: Scalar.Void } ? "" : "_ = ")}{Lift(e.Value)};");
                break;
            case Return { Value: null }: // the last: nothing is left to skip
                break;
            default:
                throw new NoSimdForm($"{step.GetType().Name} has no vector form");
        }

        foreach (string line in _after)
            Line(line);
        _after.Clear();
    }

    private string AssignText(Var target, Expr value)
    {
        string name = ScalarCSharp.Name(target.Name);
        if (!_uniformity.Varies(target.Name))
            return $"{name} = {ScalarCSharp.Text(value)}";
        return $"{name} = {(IsOuter(target) ? Choose(_region.Mask!, Lift(value), name, target.Type) : Lift(value))}";
    }

    // A local that the switched-off lanes can still see; one made under the same mask is theirs alone.
    private bool IsOuter(Var local) => _region.Depth > (_declared.TryGetValue(local.Name, out int depth) ? depth : 0);

    private void Store(View view, string value)
    {
        if (_region.Mask != null)
            value = Choose(_region.Mask, value, LoadText(view), view.Element);
        string name = ScalarCSharp.Name(view.Name);
        string store = !lanes.IsFull(view.Element) ? "KernelVectors.StoreNarrow" : lanes.IsHalf(view.Element) ? "Vector256.StoreUnsafe" : "TStore.Store";
        Line($"{store}({value}, ref {name});");
    }

    private void Choice(If choice)
    {
        if (!_uniformity.Varies(choice.Condition))
        {
            Line($"if ({ScalarCSharp.Text(choice.Condition)})");
            Braced(choice.Then);
            if (!choice.Else.IsEmpty)
            {
                Line("else");
                Braced(choice.Else);
            }

            return;
        }

        string condition = Named(Vector(choice.Condition));
        Under(condition, () => Skippable(choice.Then));
        if (!choice.Else.IsEmpty)
            Under($"~{condition}", () => Skippable(choice.Else));
    }

    /// <summary>A body under a mask; a large one is left out where no lane takes it.</summary>
    private void Skippable(ImmutableArray<Stmt> body)
    {
        int size = Types.Statements(body).SelectMany(Types.Direct).SelectMany(Types.Within).Sum(e => e switch
        {
            Call => 8,
            Constant or Var or Load => 0,
            _ => 1,
        });
        if (size < 4)
        {
            Block(body);
            return;
        }

        Line($"if ({_region.Mask} != {lanes.Vector(Scalar.Bool)}.Zero)");
        Braced(body);
    }

    private void Under(string condition, System.Action body)
    {
        var outer = _region;
        _region = new Region(outer.Mask != null ? Named($"{outer.Mask} & {condition}") : condition[0] == '~' ? Named(condition) : condition, outer.Depth + 1);
        body();
        _region = outer;
    }

    /// <summary>The value of a body that returns one: both ways are walked, then each lane takes its own.</summary>
    private string Result(ImmutableArray<Stmt> body, Scalar type)
    {
        if (body.IsEmpty)
            throw new NoSimdForm("a helper ends without a value");
        Block(body.RemoveAt(body.Length - 1));
        switch (body[body.Length - 1])
        {
            case Return { Value: { } value }:
                string returned = Named(Lift(value));
                if (_after.Count > 0)
                    throw new NoSimdForm("a helper with out parameters is called in a return under a condition");
                return returned;
            case If i when _uniformity.Varies(i.Condition):
                string condition = Named(Vector(i.Condition)), whenTrue = "", whenFalse = "";
                Under(condition, () => whenTrue = Result(i.Then, type));
                Under($"~{condition}", () => whenFalse = Result(i.Else, type));
                return Named(Choose(condition, whenTrue, whenFalse, type));
            case If i:
                string result = Fresh("r");
                Line($"{lanes.Vector(type)} {result};");
                Line($"if ({ScalarCSharp.Text(i.Condition)})");
                Braced(() => Line($"{result} = {Result(i.Then, type)};"));
                Line("else");
                Braced(() => Line($"{result} = {Result(i.Else, type)};"));
                return result;
            default:
                throw new NoSimdForm("a helper ends without a value");
        }
    }

    private void LoopText(Loop loop)
    {
        if (loop.Condition != null && _uniformity.Varies(loop.Condition))
            throw new NoSimdForm("a loop runs more often for some work items than for others");
        int outer = _loopDepth;
        _loopDepth = _region.Depth;
        string condition = loop.Condition == null ? "" : ScalarCSharp.Text(loop.Condition);
        Braced(() =>
        {
            Block(loop.Before);
            if (loop.TestFirst)
            {
                if (loop.Step.Any(s => s is not Assign { Target: Var } || Effects.Change(((Assign)s).Value)))
                    throw new NoSimdForm("the head of a loop calls for an effect");
                string step = string.Join(", ", loop.Step.OfType<Assign>().Select(a => AssignText((Var)a.Target, a.Value)));
                Line($"for (; {condition}; {step})");
                Braced(loop.Body);
            }
            else
            {
                Line("do");
                Braced(loop.Body);
                Line($"while ({condition});");
            }
        });
        _loopDepth = outer;
    }

    private void Braced(ImmutableArray<Stmt> steps) => Braced(() => Block(steps));

    private void Braced(System.Action body)
    {
        Line("{");
        _indent++;
        body();
        _indent--;
        Line("}");
    }

    private string Named(string value)
    {
        string name = Fresh("t");
        Line($"var {name} = {value};");
        return name;
    }

    private string Fresh(string letter)
    {
        string name;
        do
            name = $"{letter}{_names++}_";
        while (taken.Contains(name));
        return name;
    }

    private void Line(string line) => text.Append(' ', 4 * _indent).Append(line).Append('\n');

    /// <summary>What runs under one mask (none: all lanes), and inside how many masks it is.</summary>
    private sealed record Region(string? Mask, int Depth);
}
