namespace MomentumCore.Tests.Kernels.Fuzz;

/// <summary>Helper methods and structs beside random kernels.</summary>
internal sealed partial class RandomKernels
{
    private void HelperMethod(string name)
    {
        var parameters = new List<(string Name, Number Type, string Kind)>();
        for (int k = 0; k < 1 + _random.Next(4); k++)
            parameters.Add(($"p{k}", AnyNumber(), k == 0 ? "" : Pick("", "", "ref", "out", "in", "ref")));
        Number? result = _random.Next(6) == 0 ? null : AnyNumber();
        Number[]? parts = result != null && _random.Next(5) == 0 ? [AnyNumber(), AnyNumber()] : null;
        if (parts != null)
            result = null;
        string type = parts != null ? $"({parts[0]} A, {parts[1]} B)" : result?.CSharp ?? "void";
        string Return(int depth) => parts != null ? $"return ({Value(parts[0], depth)}, {Value(parts[1], depth)});" : result == null ? "return;" : $"return {Value(result, depth)};";
        Method($"private static {type} {name}", parameters, () => Return(2), () => Return(4));
        _helpers.Add(new Helper(name, result, parts, parameters));
    }

    private void Method(string head, List<(string Name, Number Type, string Kind)> parameters, Func<string> early, Func<string> last)
    {
        var first = parameters[0];
        _anchor = first.Type == Number.Bool ? $"({first.Name} ? 3 : 1)" : $"(int)({first.Name})";
        (_viewsAreThere, _callsLeft, _loops, _depth, _budget) = (false, 2, 1, 0, 8);
        (_canBreak, _canContinue, _return) = (false, false, null);
        Enter();
        _text.Append($"\n    {head}({string.Join(", ", parameters.Select(p => $"{p.Kind} {p.Type} {p.Name}".TrimStart()))})\n    {{\n");
        _locals.AddRange(parameters.Where(p => p.Kind != "out").Select(p => new Local(p.Name, p.Type, p.Kind != "in")));
        foreach (var (name, type, _) in parameters.Where(p => p.Kind == "out"))
        {
            Line($"{name} = {Value(type, 2)};");
            _locals.Add(new Local(name, type, true));
        }

        for (int k = 0; k < _random.Next(4); k++)
        {
            Statement();
            if (_random.Next(4) == 0)
                Line($"if ({Condition(2)}) {{ {Assignment()} {early()} }}");
        }

        Line(last());
        _text.Append("    }\n");
        Leave();
    }

    private void Structs()
    {
        foreach (string name in new[] { "A", "B", "C" })
            _fields.Add((name, Pick(_numbers.Where(n => n != Number.Float || _isFloatOnly))));
        _text.Append($"\n    private record struct R({_fields[0].Type} A, {_fields[1].Type} B);\n");
        _text.Append("\n    private struct S\n    {\n").Append(string.Concat(_fields.Select(f => $"        public {f.Type} {f.Name};\n")));
        var parameters = new List<(string, Number, string)> { ("by", AnyNumber(), "") };
        if (!_isFloatOnly && parameters[0].Item2 == Number.Float)
            parameters[0] = ("by", Number.Int, "");
        _by = parameters[0].Item2;
        _locals.AddRange(_fields.Select(f => new Local(f.Name, f.Type, true)));
        var numbers = _numbers;
        if (!_isFloatOnly)
            _numbers = [.. _numbers.Where(n => n != Number.Float)];
        var constants = _constants.ToList();
        _constants.Clear();
        Method("public void Bump", parameters, () => "return;", () => Assignment());
        _locals.RemoveRange(0, _locals.Count);
        _locals.AddRange(_fields.Select(f => new Local(f.Name, f.Type, false)));
        Method($"public readonly {_fields[0].Type} Get", parameters, () => $"return {Value(_fields[0].Type, 2)};", () => $"return {Value(_fields[0].Type, 3)};");
        _locals.Clear();
        _constants.AddRange(constants);
        _numbers = numbers;
        _text.Append("    }\n");
        _text.Append($"\n    private static S Mix(S one, ref S two, {_by} v)\n    {{\n        two.Bump(v);\n        one.{_fields[1].Name} = two.{_fields[1].Name};\n        (one, two) = (two, one);\n        return one;\n    }}\n");
    }

    private void Struct()
    {
        var made = _structs.Where(s => _locals.Any(l => l.Name == $"{s}.C")).ToList();
        if (made.Count > 0 && _random.Next(2) == 0)
        {
            string s = Pick(made), t = Pick(made);
            switch (_random.Next(4))
            {
                case 0:
                    Line($"{s}.Bump({Value(_by, 2)});");
                    break;
                case 1:
                    Line($"{s}.{_fields[0].Name} = {t}.Get({Value(_by, 2)});");
                    break;
                case 2:
                    Line($"{s} = Mix({t}, ref {s}, {Value(_by, 2)});");
                    break;
                default:
                    Line($"{s} = {Condition(2)} ? {t} : {s};");
                    break;
            }
        }
        else if (_random.Next(3) == 0)
        {
            string value = $"new R({Value(_fields[0].Type, 3)}, {Value(_fields[1].Type, 3)})", r = Fresh(), p = Fresh(), q = Fresh();
            Line($"var {r} = {value};");
            var changed = _fields[_random.Next(2)];
            Line($"{r} = {r} with {{ {changed.Name} = {Value(changed.Type, 3)} }};");
            Line($"var ({p}, {q}) = {r};");
            _locals.AddRange([new Local(p, _fields[0].Type, true), new Local(q, _fields[1].Type, true)]);
        }
        else
        {
            string value = $"new S {{ A = {Value(_fields[0].Type, 3)}, C = {Value(_fields[2].Type, 3)} }}", name = Fresh();
            Line($"var {name} = {value};");
            _structs.Add(name);
            _locals.AddRange(_fields.Select(f => new Local($"{name}.{f.Name}", f.Type, true)));
        }
    }
}
