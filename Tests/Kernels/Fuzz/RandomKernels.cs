using System.Text;

namespace MomentumCore.Tests.Kernels.Fuzz;

/// <summary>
/// Writes a class of random kernels that are valid C#, end, and neither divide by zero nor read outside of their views:
/// what C# gives is what every device has to give.
/// </summary>
internal sealed partial class RandomKernels
{
    private const int Helpers = 5;

    // Words of C, of OpenCL and of generated code are names like others.
    private static readonly string[][] Names =
    [
        ["half", "result", "chosen", "kernel", "t0_", "held", "self", "value", "step", "count_", "float4"],
        ["global", "part", "left", "right", "choice", "first", "uint4", "copy", "mask", "@double"],
        ["local", "inner", "i_", "t1_", "@int", "min", "tested", "signed_", "convert"],
    ];

    private readonly Random _random;
    private readonly StringBuilder _text = new();
    private readonly List<Helper> _helpers = [];
    private readonly List<(string Name, Number Type)> _constants = [];
    private readonly List<Local> _locals = [];
    private readonly List<HashSet<string>> _scopes = [];
    private readonly Stack<int> _marks = new();
    private readonly List<(string Name, Number Type)> _fields = [];
    private readonly HashSet<string> _structs = [];
    private Number _by = Number.Int;
    private IReadOnlyList<View> _views = [];
    private Number[] _numbers = [];
    private bool _viewsAreThere;
    private bool _isFloatOnly;
    private bool _isPlain;
    private string _index = "i";
    private string? _reads;
    private string _anchor = "n";
    private int _callsLeft;
    private int _names;
    private int _loops;
    private int _depth;
    private bool _canBreak;
    private bool _canContinue;
    private string? _return;
    private int _budget;

    private RandomKernels(Random random) => _random = random;

    /// <summary>The text of a class of kernels.</summary>
    public static (string Text, List<FuzzKernel> Kernels) Write(string owner, Random random, FuzzShape shape, int kernels)
    {
        var writer = new RandomKernels(random);
        writer._isFloatOnly = random.Next(4) == 0;
        writer._isPlain = shape <= FuzzShape.Wide && random.Next(3) > 0;
        bool isNarrow = shape == FuzzShape.Narrow || (shape > FuzzShape.Wide && random.Next(3) == 0);
        writer._numbers =
        [
            Number.Bool, Number.Int, Number.UInt, Number.Float, Number.Int, Number.Float,
            .. Number.Narrow.Where(_ => random.Next(2) == 0), writer.Pick(Number.Narrow),
            .. isNarrow ? Enumerable.Empty<Number>() : [Number.Long, Number.ULong, Number.Double, Number.Long],
        ];
        writer._text.Append($"public static partial class {owner}\n{{\n");
        writer.Constants();
        writer.Structs();
        for (int k = 0; k < Helpers; k++)
            writer.HelperMethod($"H{k}");
        var made = Enumerable.Range(0, kernels).Select(k => writer.Kernel($"{owner}K{k}", shape, isNarrow)).ToList();
        writer._text.Append("}\n");
        return (writer._text.ToString(), made);
    }

    private T Pick<T>(params IEnumerable<T> items)
    {
        var all = items as IReadOnlyList<T> ?? [.. items];
        return all[_random.Next(all.Count)];
    }

    private void Constants()
    {
        void Add(string type, Number number, string name, string value)
        {
            _text.Append($"    private const {type} {name} = {value};\n");
            _constants.Add((name, number));
        }

        Add("float", Number.Float, "Ka", Pick("0.1f", "-2.5f", "1f / 3f", "0.7f * 10f"));
        Add("int", Number.Int, "Kb", Pick("12", "-5", "(int)(Ka * 7f)", "1 << 20"));
        if (_numbers.Contains(Number.Double))
            Add("double", Number.Double, "Kc", Pick("0.1", "Ka * 3", "1e-3"));
    }

    private FuzzKernel Kernel(string name, FuzzShape shape, bool isNarrow)
    {
        Number[] reads = isNarrow ? [Number.Int, Number.UInt, Number.Short, Number.UShort] : [Number.Int, Number.UInt, Number.Long, Number.ULong];
        Number[] writes = isNarrow ? [Number.Int, Number.UInt, Number.Short] : [Number.Int, Number.ULong, Number.Long];
        var views = new List<View>
        {
            new("a", Pick(reads), false), new("b", Pick(reads), false), new("x", Number.Float, false),
            new("z", Pick(writes), true), new("y", isNarrow || _random.Next(3) > 0 ? Number.Float : Number.Double, true),
        };
        if (!isNarrow)
            views.Insert(3, new View("w", Number.Double, false));
        _views = views;
        _viewsAreThere = true;
        _reads = shape is FuzzShape.Gather or FuzzShape.Group ? "({0}) & 15" : null;
        _index = shape == FuzzShape.Group ? "place" : "i";
        _anchor = "n";
        (_callsLeft, _canBreak, _canContinue, _loops, _depth, _budget) = (8, false, false, 0, 0, 18);
        _return = shape == FuzzShape.Group ? null : "return;";
        Enter();
        _locals.AddRange([new Local("n", Number.Int, false), new Local("s", Number.Float, shape != FuzzShape.Group), new Local("u", isNarrow ? Number.UInt : Number.ULong, false)]);
        string index = shape == FuzzShape.Group ? "" : "Index1D i, ";
        _text.Append($"\n    [Kernel{(_isFloatOnly ? "(FloatOnly = true)" : "")}]\n    public static void {name}({index}")
            .Append(string.Join(", ", views.Select(v => $"ArrayView<{v.Type}> {v.Name}"))).Append($", int n, float s, {(isNarrow ? "uint" : "ulong")} u)\n    {{\n");
        if (shape == FuzzShape.Group)
            _text.Append("        int place = Grid.GlobalIndex.X;\n        var cells = SharedMemory.Allocate<int>(8);\n");
        if (shape == FuzzShape.Gather && _random.Next(3) > 0)
        {
            _text.Append("        var own = LocalMemory.Allocate<int>(4);\n        for (int c = 0; c < 4; c++)\n            own[c] = c * n;\n");
            _locals.AddRange(Enumerable.Range(0, 4).Select(k => new Local($"own[{k}]", Number.Int, false)));
        }

        for (int k = 0; k < 3 + _random.Next(5); k++)
        {
            Statement();
            if (shape == FuzzShape.Group && _random.Next(3) == 0)
                Exchange();
        }

        foreach (var view in views.Where(v => v.IsOutput))
            Line($"{view.Name}[{_index}] {(view.Type.Bytes < 4 ? "" : Pick("", "", "+"))}= {Value(view.Type, 4)};");
        _text.Append("    }\n");
        Leave();
        return new FuzzKernel(name, shape, views, !_isFloatOnly);
    }

    /// <summary>What a work item writes its neighbour reads.</summary>
    private void Exchange()
    {
        Line($"cells[Group.IdxX] = {Value(Number.Int, 2)};");
        Line("Group.Barrier();");
        string name = Fresh();
        Line($"int {name} = cells[(Group.IdxX + {Pick("1", "3", "n")}) % Group.DimX];");
        _locals.Add(new Local(name, Number.Int, true));
        Line(_random.Next(3) == 0 ? $"if (Group.Barrier{Pick("Or", "And")}({Condition(2)})) {Assignment()}" : "Group.Barrier();");
        Line("Group.Barrier();");
    }

    private void Enter()
    {
        _scopes.Add([]);
        _marks.Push(_locals.Count);
    }

    private void Leave()
    {
        _scopes.RemoveAt(_scopes.Count - 1);
        int mark = _marks.Pop();
        _locals.RemoveRange(mark, _locals.Count - mark);
    }

    /// <summary>A name that is free here; blocks beside each other share theirs.</summary>
    private string Fresh()
    {
        var used = _scopes[^1];
        string[] pool = _scopes.Count <= Names.Length ? Names[_scopes.Count - 1] : [];
        string name = pool.FirstOrDefault(p => !used.Contains(p) && _random.Next(3) > 0) ?? $"v{_names++}";
        used.Add(name);
        return name;
    }

    private void Line(string text) => _text.Append(' ', 8 + (4 * _depth)).Append(text).Append('\n');

    private sealed record Local(string Name, Number Type, bool IsWritable);

    /// <summary>A helper method: what it gives (nothing, a number, or a tuple of Parts) and takes.</summary>
    private sealed record Helper(string Name, Number? Result, Number[]? Parts, List<(string Name, Number Type, string Kind)> Parameters);
}
