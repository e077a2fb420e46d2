namespace MomentumCore.Tests.Kernels.Fuzz;

/// <summary>Random statements.</summary>
internal sealed partial class RandomKernels
{
    private void Statement()
    {
        if (_budget-- <= 0)
        {
            Line(Assignment());
            return;
        }

        switch (_random.Next(20))
        {
            case 0 or 1 or 2 or 3:
                Declaration();
                break;
            case 4 or 5:
                If();
                break;
            case 6 or 7 when _loops < 2:
                Loop();
                break;
            case 8:
                Switch();
                break;
            case 9:
                Tuple();
                break;
            case 10:
                Struct();
                break;
            case 11 or 12 when _helpers.Any(h => h.Parts == null) && _callsLeft-- > 0:
                HelperStatement();
                break;
            case 13 when !_isPlain && (_canBreak || _canContinue):
                Line($"if ({Condition(2)}) {(_canBreak && (_random.Next(2) == 0 || !_canContinue) ? "break" : "continue")};");
                break;
            case 14 when _return != null && _depth < 3 && (!_isPlain || _loops == 0) && _random.Next(2) == 0:
                Line($"if ({Condition(2)}) {ReturnText()}");
                break;
            case 15:
                Line($"_ = {Varying(AnyNumber(), 2)};");
                break;
            default:
                Line(Assignment());
                break;
        }
    }

    private string ReturnText() => _return ?? ";";

    private void Block(int statements)
    {
        Line("{");
        _depth++;
        Enter();
        for (int k = 0; k < statements; k++)
            Statement();
        Leave();
        _depth--;
        Line("}");
    }

    private void Declaration()
    {
        var type = AnyNumber();
        string value = Value(type, 4), name = Fresh();
        if (_random.Next(6) == 0)
        {
            Line($"{type} {name};");
            Line($"if ({Condition(2)}) {name} = {value}; else {name} = {Value(type, 2)};");
        }
        else if (_random.Next(10) == 0)
        {
            Line($"const {type} {name} = {Pick(type.Literals)};");
            return;
        }
        else
        {
            Line($"{(type.IsComputed && _random.Next(3) == 0 ? "var" : type.CSharp)} {name} = {value};");
        }

        _locals.Add(new Local(name, type, true));
    }

    private string Assignment()
    {
        var places = _locals.Where(l => l.IsWritable).Select(l => (l.Name, l.Type)).ToList();
        if (_viewsAreThere && (places.Count == 0 || _random.Next(3) == 0))
            places = [.. _views.Where(v => v.IsOutput).Select(v => ($"{v.Name}[{_index}]", v.Type))];
        if (places.Count == 0)
            return $"_ = {Varying(AnyNumber(), 2)};";
        var (name, type) = Pick(places);
        if (type == Number.Bool)
            return $"{name} {Pick("=", "&=", "|=", "^=")} {Value(type, 3)};";
        switch (_random.Next(6))
        {
            case 0:
                return $"{name}{Pick("++", "--")};";
            case 1 when type.IsWhole:
                return $"{name} {Pick("<<=", ">>=", ">>>=")} {Value(Number.Int, 2)};";
            case 2 or 3:
                // The other side is of a type that becomes this one.
                var partner = type.IsComputed && _random.Next(3) == 0 ? Pick(type.Partners().Where(_numbers.Contains)) : type;
                string sign = type.IsFloat ? Pick("+=", "-=", "*=", "/=") : Pick("+=", "-=", "*=", "&=", "|=", "^=");
                return $"{name} {sign} {(partner == type ? Value(type, 3) : Varying(partner, 3))};";
            default:
                return $"{name} = {Value(type, 4)};";
        }
    }

    private void If()
    {
        Line($"if ({Condition(3)})");
        Block(1 + _random.Next(3));
        if (_random.Next(4) == 0)
        {
            Line($"else if ({Condition(2)})");
            Block(1 + _random.Next(2));
        }

        if (_random.Next(2) == 0)
        {
            Line("else");
            Block(1 + _random.Next(3));
        }
    }

    private void Loop()
    {
        var (canBreak, canContinue) = (_canBreak, _canContinue);
        string more = _random.Next(3) == 0 && !_isPlain ? $" && {Condition(2)}" : "";
        string counter = $"k{_names++}", most = Pick("3", "4", $"({_anchor} & 3)", _isPlain ? "2" : $"({Varying(Number.Int, 1)} & 3)");
        (_canBreak, _canContinue) = (true, true);
        _loops++;
        switch (_random.Next(5))
        {
            case 0 or 1:
                string step = _random.Next(4) == 0 ? ", " + Assignment().TrimEnd(';') : "";
                if (step.Contains("_ =", StringComparison.Ordinal))
                    step = "";
                Line($"for (int {counter} = 0; {counter} < {most}{more}; {counter}{Pick("++", " += 2")}{step})");
                Turn(counter, moves: false);
                break;
            case 2:
                Line($"for ({Pick(_numbers.Where(t => t.IsWhole))} {counter} = 3; {counter} > 0{more}; {counter}--)");
                Turn(null, moves: false);
                break;
            case 3:
                Line($"int {counter} = 0;");
                Line($"while ({counter} < {most}{more})");
                Turn(counter, moves: true);
                break;
            default:
                Line($"int {counter} = 0;");
                Line("do");
                Turn(counter, moves: true);
                Line($"while ({counter} < {most}{more});");
                break;
        }

        _loops--;
        (_canBreak, _canContinue) = (canBreak, canContinue);
    }

    /// <summary>A loop's body; a counter that its head does not move moves here.</summary>
    private void Turn(string? counter, bool moves)
    {
        Line("{");
        _depth++;
        Enter();
        if (moves)
            Line($"{counter}++;");
        if (counter != null)
            _locals.Add(new Local(counter, Number.Int, false));
        for (int k = 0; k < 1 + _random.Next(3); k++)
            Statement();
        Leave();
        _depth--;
        Line("}");
    }

    private void Switch()
    {
        var type = Pick(_numbers.Where(n => n != Number.Bool));
        bool canBreak = _canBreak;
        _canBreak = false;
        Line($"switch ({Varying(type, 3)})");
        Line("{");
        _depth++;
        for (int k = 1; k < 2 + _random.Next(4); k++)
        {
            string guard = _random.Next(4) == 0 ? $" when {Condition(2)}" : "";
            string label = _random.Next(5) switch
            {
                0 when k == 1 => $"< {Bound(type, 1)}",
                1 => $"{Bound(type, 2 * k)} or {Bound(type, (2 * k) + 1)}",
                _ => Bound(type, 2 * k),
            };
            Line($"case {label}{guard}:");
            if (_random.Next(4) == 0)
                Line($"case {Bound(type, (2 * k) + 20)}:");
            Section();
        }

        if (_random.Next(3) > 0)
        {
            Line("default:");
            Section();
        }

        _depth--;
        Line("}");
        _canBreak = canBreak;
    }

    private void Section()
    {
        Block(1 + _random.Next(2));
        Line(_canContinue && !_isPlain && _random.Next(6) == 0 ? "continue;" : "break;");
    }

    private void Tuple()
    {
        var (a, b) = (AnyNumber(), AnyNumber());
        var same = _locals.Where(l => l.IsWritable && _locals.Count(m => m.IsWritable && m.Type == l.Type) > 1).ToList();
        var tuples = _helpers.Where(h => h.Parts != null).ToList();
        if (tuples.Count > 0 && _callsLeft-- > 0 && _random.Next(3) == 0)
        {
            var helper = Pick(tuples);
            string call = CallText(helper, 3), p = Fresh(), q = Fresh();
            if (!call.StartsWith(helper.Name, StringComparison.Ordinal))
                return;
            Line($"var ({p}, {q}) = {call};");
            _locals.AddRange([new Local(p, helper.Parts![0], true), new Local(q, helper.Parts[1], true)]);
        }
        else if (same.Count > 0 && _random.Next(2) == 0)
        {
            var one = Pick(same);
            var other = Pick(same.Where(l => l.Type == one.Type && l != one));
            Line(_random.Next(2) == 0 ? $"({one.Name}, {other.Name}) = ({other.Name}, {one.Name});" : $"({one.Name}, {other.Name}) = ({Value(one.Type, 3)}, {Varying(one.Type, 3)});");
        }
        else
        {
            string value = $"({Value(a, 3)}, {Varying(b, 3)})", name = Fresh();
            Line($"({a} P, {b} Q) {name} = {value};");
            _locals.AddRange([new Local($"{name}.P", a, true), new Local($"{name}.Q", b, true)]);
        }
    }

    private void HelperStatement()
    {
        var helper = Pick(_helpers.Where(h => h.Parts == null));
        string call = CallText(helper, 3);
        if (!call.StartsWith(helper.Name, StringComparison.Ordinal))
            return;
        var target = _locals.Where(l => l.IsWritable && l.Type == helper.Result).ToList();
        Line(helper.Result == null || _random.Next(3) == 0 ? $"{call};" : target.Count > 0 && _random.Next(2) == 0 ? $"{Pick(target).Name} {(helper.Result!.IsComputed ? Pick("=", "+=") : "=")} {call};" : $"_ = {call};");
    }
}
