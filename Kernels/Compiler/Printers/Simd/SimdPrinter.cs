using System.Collections.Generic;
using System.Linq;
using System.Text;
using MomentumCore.Kernels.Compiler.Ir;

namespace MomentumCore.Kernels.Compiler.Printers.Simd;

/// <summary>Writes a map as C# over Vector512, where the machine is narrower the runtime splits it; no contraction.</summary>
/// <remarks>
/// The class it writes has one method, Run_(count, ref x, step, …, scalars): step is 1 for a gapless view and 0 for one
/// whose start holds a full vector of the same element. What is left over runs through the same body on copies.
/// </remarks>
internal sealed class SimdPrinter
{
    private const string Inline =
        "        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]\n";

    private const string Apart =
        "        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining | System.Runtime.CompilerServices.MethodImplOptions.AggressiveOptimization)]\n";

    private readonly StringBuilder _out = new();
    private readonly MethodSizes _sizes;
    private readonly KernelTree _map;
    private readonly HashSet<string> _names;
    private readonly Lanes _lanes;
    private readonly List<View> _views;

    private SimdPrinter(KernelTree map, int laneBytes)
    {
        _map = map;
        _names = [.. Types.Names(map)];
        _sizes = new MethodSizes(map);
        _views = [.. map.Parameters.OfType<ViewParameter>().Select(p => p.View)];
        _lanes = new Lanes(laneBytes);
    }

    /// <summary>The views that a map writes.</summary>
    public static IEnumerable<string> Written(KernelTree map) =>
        Types.Statements(map.Body).OfType<Assign>().Select(a => a.Target).OfType<Load>().Select(l => l.View.Name).Distinct();

    /// <summary>The views that a map reads.</summary>
    public static IEnumerable<string> Read(KernelTree map) =>
        Types.Statements(map.Body).SelectMany(s => s is Assign { Target: Load } a ? Types.Within(a.Value) : Types.Direct(s).SelectMany(Types.Within))
            .OfType<Load>().Select(l => l.View.Name).Distinct();

    /// <summary>A nested class of that name.</summary>
    /// <exception cref="NoSimdForm">The map has no vector form.</exception>
    public static string Print(KernelTree map, string holder)
    {
        try
        {
            return Print(map, holder, laneBytes: 4);
        }
        catch (NoSimdForm no) when (no.IsTooNarrow)
        {
            return Print(map, holder, laneBytes: 8);
        }
    }

    private static string Print(KernelTree map, string holder, int laneBytes)
    {
        var printer = new SimdPrinter(map, laneBytes);
        printer.Holder(holder);
        return printer._out.ToString();
    }

    private void Holder(string holder)
    {
        _out.Append($"    private static class {holder}\n    {{\n");
        foreach (var helper in _map.Helpers)
            HelperMethod(helper);
        Step();
        Run();
        Rest();
        _out.Append("    }\n\n");
    }

    private void HelperMethod(Helper helper)
    {
        string result = helper.Result == Scalar.Void ? "void" : _lanes.Vector(helper.Result);
        string parameters = string.Join(", ", helper.Parameters.Select(p => p switch
        {
            ValueParameter v => $"{_lanes.Vector(v.Type)} {ScalarCSharp.Name(v.Name)}",
            OutParameter o => $"ref {_lanes.Vector(o.Type)} {ScalarCSharp.Name(o.Name)}",
            _ => throw new NoSimdForm("it hands a view to a helper"),
        }));
        _out.Append(_sizes.IsApart(helper) ? Apart : Inline);
        _out.Append($"        private static {result} {SimdFunction.HelperName(helper, _names)}({parameters})\n        {{\n");
        new SimdFunction(_lanes, null, _names, _out).Helper(helper);
        _out.Append("        }\n\n");
    }

    /// <summary>One vector of work items.</summary>
    private void Step()
    {
        var body = new StringBuilder();
        var assigned = new SimdFunction(_lanes, _map.Index, _names, body).Kernel(_map);
        string parameters = string.Join(", ", _map.Parameters.Select(p => p switch
        {
            ViewParameter { View: var v } => $"ref {v.Element.CSharp()} {ScalarCSharp.Name(v.Name)}",
            ValueParameter v => $"{v.Type.CSharp()} {(assigned.Contains(v.Name) ? Beside(_map, v.Name, "in") : ScalarCSharp.Name(v.Name))}",
            _ => throw new NoSimdForm($"the parameter '{p.Name}' has no vector form"),
        }));
        _out.Append(Inline).Append($"        private static void Step_<TStore>({parameters})\n            where TStore : struct, IVectorStore\n        {{\n{body}        }}\n\n");
    }

    private string Declarations(bool withSteps) => string.Concat(_map.Parameters.Select(p => p switch
    {
        ViewParameter { View: var v } => $", ref {v.Element.CSharp()} {ScalarCSharp.Name(v.Name)}{(withSteps ? $", nint {Beside(v.Name, "step")}" : "")}",
        _ => $", {((ValueParameter)p).Type.CSharp()} {ScalarCSharp.Name(p.Name)}",
    }));

    private void Run()
    {
        string pass = string.Join(", ", _map.Parameters.Select(p => p is ViewParameter ? $"ref {ScalarCSharp.Name(p.Name)}" : ScalarCSharp.Name(p.Name)));
        string rest = string.Concat(_map.Parameters.Select(p => $", {(p is ViewParameter ? "ref " : "")}{ScalarCSharp.Name(p.Name)}"));
        // Slow first code (no inlining) would cost more than it saves: the loop is compiled once, fully.
        _out.Append("        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveOptimization)]\n");
        _out.Append($"        public static void Run_<TStore>(int count_{Declarations(withSteps: true)})\n            where TStore : struct, IVectorStore\n        {{\n");
        foreach (var view in _views)
            _out.Append($"            {Beside(view.Name, "step")} *= {_lanes.Count};\n");
        _out.Append($"            for (; count_ >= {_lanes.Count}; count_ -= {_lanes.Count})\n            {{\n                Step_<TStore>({pass});\n");
        foreach (string view in Read(_map))
            _out.Append($"                TStore.Ahead(ref {ScalarCSharp.Name(view)});\n");
        foreach (var view in _views)
            _out.Append($"                {Name(view)} = ref Unsafe.Add(ref {Name(view)}, {Beside(view.Name, "step")});\n");
        _out.Append($"            }}\n\n            if (count_ > 0)\n                Rest_(count_{rest});\n        }}\n\n");
    }

    /// <summary>The last, partial vector, on copies. Views that start at one place share a copy, as they share elements.</summary>
    private void Rest()
    {
        _out.Append("        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]\n");
        _out.Append($"        private static void Rest_(int count_{Declarations(withSteps: false)})\n        {{\n");
        for (int i = 0; i < _views.Count; i++)
        {
            var view = _views[i];
            string type = view.Element.CSharp();
            string place = $"ref KernelVectors.Part(ref {Name(view)}, count_, ref {Beside(view.Name, "rest")})";
            foreach (var other in _views.Take(i).Where(o => o.Element == view.Element).Reverse())
                place = $"ref (Unsafe.AreSame(ref {Name(view)}, ref {Name(other)}) ? ref {Beside(other.Name, "part")} : {place})";
            _out.Append($"            Vector512<{type}> {Beside(view.Name, "rest")} = default;\n            ref {type} {Beside(view.Name, "part")} = {place};\n");
        }

        string pass = string.Concat(_map.Parameters.Select(p => p is ViewParameter ? $", ref {Beside(p.Name, "part")}, 0" : $", {ScalarCSharp.Name(p.Name)}"));
        _out.Append($"            Run_<PlainStore>({_lanes.Count}{pass});\n");
        foreach (string view in Written(_map))
            _out.Append($"            KernelVectors.Copy(ref {Beside(view, "part")}, ref {ScalarCSharp.Name(view)}, count_);\n");
        _out.Append("        }\n");
    }

    /// <summary>A name beside a parameter's that nothing in the kernel has.</summary>
    public static string Beside(KernelTree map, string parameter, string what)
    {
        string name = $"{parameter}_{what}";
        while (map.Parameters.Any(p => p.Name == name) || Types.Statements(map.Body).Any(s => s is Declare d && d.Variable.Name == name))
            name += "_";
        return name;
    }

    private string Beside(string parameter, string what) => Beside(_map, parameter, what);

    private static string Name(View view) => ScalarCSharp.Name(view.Name);
}
