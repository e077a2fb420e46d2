namespace MomentumCore.Tests.Kernels.Fuzz;

/// <summary>Random values.</summary>
internal sealed partial class RandomKernels
{
    private static readonly string[] Compare = ["<", "<=", ">", ">=", "==", "!="];
    private static readonly string[] Counts = ["0", "1", "5", "31", "32", "33", "63", "64", "(-1)", "100"];

    private Number AnyNumber() => Pick(_numbers);

    /// <summary>A value of a type: C# text, in parentheses where it needs them, that may be a constant.</summary>
    private string Value(Number type, int depth)
    {
        if (_random.Next(6) > 0)
            return Varying(type, depth);
        var constants = _constants.Where(c => c.Type == type).ToList();
        return constants.Count > 0 && _random.Next(3) == 0 ? Pick(constants).Name : Pick(type.Literals);
    }

    /// <summary>A value that is no constant: constants are computed, and checked, by the C# compiler.</summary>
    private string Varying(Number type, int depth)
    {
        if (depth <= 0 || _random.Next(7) == 0)
            return Leaf(type);
        int kind = _random.Next(20);
        return kind switch
        {
            0 or 1 => Cast(type, depth),
            2 => $"({Condition(depth - 1)} ? {Value(type, depth - 1)} : {Value(type, depth - 1)})",
            3 => SwitchExpression(type, depth),
            4 or 5 when Call(type, depth) is { } call => call,
            6 or 7 when type != Number.Bool => Function(type, depth),
            8 when type.IsWhole && !_isPlain && Guarded(type, depth) is { } quotient => quotient,
            _ when type == Number.Bool => Condition(depth),
            _ when type.IsComputed => Arithmetic(type, depth),
            _ => Cast(type, depth),
        };
    }

    private string Leaf(Number type)
    {
        var known = _locals.Where(l => l.Type == type).ToList();
        if (known.Count > 0 && _random.Next(3) > 0)
            return Pick(known).Name;
        var views = _views.Where(v => v.Type == type).ToList();
        if (views.Count > 0 && _viewsAreThere)
            return Element(Pick(views), 0);
        if (known.Count > 0)
            return Pick(known).Name;
        if (type == Number.Bool)
            return $"({_anchor} > {Pick(Counts)})";
        var others = _locals.Where(l => l.Type != Number.Bool && l.Type != type).ToList();
        return $"({type})({(others.Count > 0 && _random.Next(3) > 0 ? Pick(others).Name : _anchor)})";
    }

    private string Element(View view, int depth) => $"{view.Name}[{(_reads == null || view.IsOutput ? _index : string.Format(System.Globalization.CultureInfo.InvariantCulture, _reads, Value(Number.Int, depth)))}]";

    private string Cast(Number type, int depth)
    {
        if (type == Number.Bool)
            return Condition(depth - 1);
        var from = AnyNumber();
        return from == Number.Bool ? $"({Varying(from, depth - 1)} ? {Pick(type.Literals)} : {Value(type, depth - 1)})" : $"({type})({Varying(from, depth - 1)})";
    }

    private string Arithmetic(Number type, int depth)
    {
        int kind = _random.Next(12);
        if (kind == 0)
            return type == Number.ULong ? $"(~{Varying(type, depth - 1)})" : type == Number.UInt ? $"(~{Varying(type, depth - 1)})" : $"(-{Varying(type, depth - 1)})";
        if (type.IsWhole && kind == 1)
            return $"(~{Varying(type, depth - 1)})";
        if (type == Number.Long && kind == 2 && _numbers.Contains(Number.UInt))
            return _random.Next(2) == 0 ? $"(-{Varying(Number.UInt, depth - 1)})" : $"({Varying(Number.UInt, depth - 1)} {Pick("+", "-", "*")} {Varying(Number.Int, depth - 1)})";
        if (type.IsWhole && kind < 4)
            return $"({Varying(type, depth - 1)} {Pick("<<", ">>", ">>>")} {(_random.Next(2) == 0 ? Pick(Counts) : Varying(Number.Int, depth - 1))})";
        if (type.IsWhole && kind == 4 && !_isPlain)
            return Division(type, depth);
        string sign = type.IsFloat ? Pick("+", "-", "*", "/", "+", "*", _random.Next(3) == 0 && !_isPlain ? "%" : "-") : Pick("+", "-", "*", "&", "|", "^");
        if (type == Number.Int && kind == 5)
            return $"({Varying(Pick(_numbers.Where(n => n.IsWhole && n.Bytes < 4)), depth - 1)} {sign} {Varying(Pick(_numbers.Where(n => n.IsWhole && n.Bytes < 4)), depth - 1)})";
        var partner = _random.Next(3) > 0 ? type : Pick(type.Partners().Where(_numbers.Contains));
        string left = Varying(type, depth - 1), right = partner == type ? Value(type, depth - 1) : Varying(partner, depth - 1);
        return _random.Next(2) == 0 || partner == type ? $"({left} {sign} {right})" : $"({right} {sign} {left})";
    }

    /// <summary>A division that has a result.</summary>
    private string Division(Number type, int depth)
    {
        string sign = Pick("/", "%"), left = Varying(type, depth - 1);
        string one = type == Number.Int ? "1" : type == Number.UInt ? "1u" : type == Number.Long ? "1L" : "1UL";
        return _random.Next(4) switch
        {
            0 => $"({left} {sign} {Pick(type.Literals.Where(l => l.Contains('7') || l.Contains("Max") || l.Contains('3') || l.Contains('6')))})",
            1 when type.IsSigned => $"({left} {sign} ({one} - {one} - (({Varying(type, depth - 1)} & 31) + 2)))",
            2 when !type.IsSigned => $"({left} {sign} ({Varying(type, depth - 1)} | {one}))",
            _ => $"({left} {sign} (({Varying(type, depth - 1)} & 31) + {one}))",
        };
    }

    /// <summary>A division that C# reaches only where it has a result.</summary>
    private string? Guarded(Number type, int depth)
    {
        if (_locals.Where(l => l.Type == type).ToList() is not { Count: > 0 } known)
            return null;
        string by = Pick(known).Name, left = Varying(type, depth - 1);
        if (!type.IsComputed)
            return null;
        string safe = type.IsSigned ? $"({by} != 0 && {by} != -1)" : $"{by} != 0";
        return $"({safe} ? {(left.Contains("ref ") || left.Contains("out ") ? Leaf(type) : left)} {Pick("/", "%")} {by} : {Value(type, depth - 1)})";
    }

    private string Function(Number type, int depth)
    {
        string A() => Value(type, depth - 1);
        string math = type == Number.Float ? "MathF" : "Math";
        if (!type.IsFloat)
        {
            return _random.Next(_isPlain ? 1 : 0, 5) switch
            {
                0 when type == Number.Int && _numbers.Contains(Number.UInt) =>
                    $"BitOperations.{Pick("PopCount", "LeadingZeroCount")}({Varying(Pick(_numbers.Where(n => n == Number.UInt || n == Number.ULong)), depth - 1)})",
                1 when type == Number.Int && !_isPlain => $"Math.Abs({Varying(Number.Int, depth - 1)} >> 1)",
                1 when type == Number.Long && !_isPlain => $"Math.Abs({Varying(Number.Long, depth - 1)} >> 1)",
                2 when type == Number.ULong && _isFloatOnly && _numbers.Contains(Number.Double) => Bits(Number.Double, depth),
                2 when type == Number.UInt && _isFloatOnly => Bits(Number.Float, depth),
                _ => $"Math.{Pick("Min", "Max")}({Varying(type, depth - 1)}, {A()})",
            };
        }

        return _random.Next(9) switch
        {
            0 => $"{math}.{Pick("Min", "Max")}({A()}, {Varying(type, depth - 1)})",
            1 => $"{math}.CopySign({A()}, {Sure(type, depth)})",
            2 when _random.Next(3) == 0 => $"XMath.{Pick("Exp", "Log", "Log1P", "Softplus", "Tanh", "Sin", "Cos", "Erf", "Erfc", "Rsqrt", "Rcp")}({Varying(type, depth - 1)})",
            4 when _random.Next(4) == 0 => $"XMath.Pow({A()}, {Varying(type, depth - 1)})",
            5 when type == Number.Float && _isFloatOnly && _numbers.Contains(Number.UInt) => $"Interop.IntAsFloat({Varying(Number.UInt, depth - 1)})",
            _ => $"{math}.{Pick("Abs", "Floor", "Ceiling", "Truncate", "Round", "Sqrt", "Abs")}({Varying(type, depth - 1)})",
        };
    }

    // Which NaN a device gives is open: its sign and bits must not be seen.
    private string Sure(Number type, int depth) => Kept(type, depth) is var name && type == Number.Float
        ? $"(float.IsNaN({name}) ? 1f : {name})"
        : $"(double.IsNaN({name}) ? 1.0 : {name})";

    private string Bits(Number type, int depth) => $"Interop.FloatAsInt({Sure(type, depth)})";

    /// <summary>Something that may be said twice.</summary>
    private string Kept(Number type, int depth) => _locals.Any(l => l.Type == type) ? Pick(_locals.Where(l => l.Type == type)).Name
        : type == Number.Float ? Pick("1f", "0.5f") : Pick("1.0", "(-2.0)");

    private string Condition(int depth)
    {
        if (depth <= 0)
            return Leaf(Number.Bool);
        var type = Pick(_numbers.Where(n => n != Number.Bool));
        switch (_random.Next(14))
        {
            case 0:
                return $"(!{Varying(Number.Bool, depth - 1)})";
            case 1 or 2:
                return $"({Varying(Number.Bool, depth - 1)} {Pick("&&", "||")} {Varying(Number.Bool, depth - 1)})";
            case 3:
                return $"({Varying(Number.Bool, depth - 1)} {Pick("&", "|", "^", "==", "!=")} {Varying(Number.Bool, depth - 1)})";
            case 4:
                return $"({Varying(type, depth - 1)} is {Pattern(type)})";
            case 5 when _numbers.Contains(Number.Float):
                return $"float.{Pick("IsNaN", "IsInfinity", "IsFinite")}({Varying(Number.Float, depth - 1)})";
            case 6 when _numbers.Contains(Number.Double):
                return $"double.{Pick("IsNaN", "IsInfinity", "IsFinite")}({Varying(Number.Double, depth - 1)})";
            case 7 when Call(Number.Bool, depth) is { } call:
                return call;
            default:
                var partner = type.IsComputed && _random.Next(3) == 0 ? Pick(type.Partners().Where(_numbers.Contains)) : type;
                return $"({Varying(type, depth - 1)} {Pick(Compare)} {(partner == type ? Value(type, depth - 1) : Varying(partner, depth - 1))})";
        }
    }

    private string Pattern(Number type)
    {
        string a = Bound(type, 1), b = Bound(type, 5);
        return _random.Next(6) switch
        {
            0 => $"{a} or {b}",
            1 => $"not {a}",
            2 => $"> {a} and < {b}",
            3 => $"<= {a} or > {b}",
            4 when type.IsFloat => $"{type}.NaN or {a}",
            _ => $"not ({a} or > {b})",
        };
    }

    /// <summary>A constant pattern; two whose order differs by one or more are different numbers.</summary>
    private string Bound(Number type, int order)
    {
        int at = (order * 3) + _random.Next(2) - (type.IsSigned ? 4 : 0);
        return type == Number.Float ? $"{at}.5f" : type == Number.Double ? $"{at}.25" : $"{at}";
    }

    private string SwitchExpression(Number type, int depth)
    {
        var selector = Pick(_numbers.Where(n => n != Number.Bool));
        string arms = "";
        for (int k = 1; k < 2 + _random.Next(4); k++)
        {
            string guard = _random.Next(4) == 0 ? $" when {Condition(depth - 1)}" : "";
            string pattern = _random.Next(5) == 0 ? $"{Bound(selector, 2 * k)} or {Bound(selector, (2 * k) + 1)}" : Bound(selector, 2 * k);
            arms += $"{pattern}{guard} => {Value(type, depth - 1)}, ";
        }

        if (_random.Next(3) == 0)
            arms += $"< {Bound(selector, 1)} => {Value(type, depth - 1)}, ";
        if (_random.Next(4) == 0)
        {
            string name = Fresh();
            int known = _locals.Count;
            _locals.Add(new Local(name, selector, false));
            arms += $"var {name} when {Condition(depth - 1)} => {Value(type, depth - 1)}, ";
            _locals.RemoveRange(known, _locals.Count - known);
        }

        return $"({Varying(selector, depth - 1)} switch {{ {arms}_ => {Value(type, depth - 1)} }})";
    }

    /// <summary>A call of a helper that gives the type, or null.</summary>
    private string? Call(Number? type, int depth)
    {
        var fitting = _helpers.Where(h => h.Result == type && h.Parts == null).ToList();
        return fitting.Count == 0 || _callsLeft-- <= 0 ? null : CallText(Pick(fitting), depth);
    }

    private string CallText(Helper helper, int depth)
    {
        var arguments = new List<string>();
        foreach (var (name, type, kind) in helper.Parameters)
        {
            var writable = _locals.Where(l => l.Type == type && l.IsWritable).ToList();
            string argument = kind switch
            {
                "ref" when writable.Count == 0 => "",
                "ref" => $"ref {Pick(writable).Name}",
                "out" => writable.Count == 0 || _random.Next(5) == 0 ? "out _" : $"out {Pick(writable).Name}",
                "in" => Leaf(type),
                _ => Value(type, depth - 1),
            };
            if (argument == "")
                return Leaf(helper.Result ?? Number.Int);
            arguments.Add(_random.Next(12) == 0 ? $"{name}: {argument}" : argument);
        }

        // Names hold to the end once one is given.
        int named = arguments.FindIndex(a => helper.Parameters.Any(p => a.StartsWith(p.Name + ": ", StringComparison.Ordinal)));
        for (int k = named; named >= 0 && k < arguments.Count; k++)
        {
            if (!arguments[k].StartsWith(helper.Parameters[k].Name + ": ", StringComparison.Ordinal))
                arguments[k] = $"{helper.Parameters[k].Name}: {arguments[k]}";
        }

        if (named == 0 && _random.Next(2) == 0)
            arguments.Reverse();
        return $"{helper.Name}({string.Join(", ", arguments)})";
    }
}
