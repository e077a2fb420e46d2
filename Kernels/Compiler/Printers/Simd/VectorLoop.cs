using System.Linq;
using System.Text;
using MomentumCore.Kernels.Compiler.Ir;

namespace MomentumCore.Kernels.Compiler.Printers.Simd;

/// <summary>What a launcher needs of a map's vector form: the class that holds it and the calls of its loop.</summary>
internal sealed class VectorLoop
{
    private readonly KernelTree _map;
    private readonly string _holder;
    private readonly bool _exists;

    public VectorLoop(KernelTree map, string holder)
    {
        _map = map;
        _holder = holder;
        try
        {
            Holder = SimdPrinter.Print(map, holder);
            _exists = true;
        }
        catch (NoSimdForm no)
        {
            Obstacle = no.Message;
            Holder = $"    // {map.Name} runs one work item at a time on the CPU, it has no SIMD form: {no.Message}.\n\n";
        }
    }

    /// <summary>The class with the vector form, or a comment that says why there is none.</summary>
    public string Holder { get; }

    /// <summary>Why there is no vector form, or null when there is one.</summary>
    public string? Obstacle { get; }

    /// <summary>In the body over gapless views: the vector loop instead of the plain one.</summary>
    public string Gapless()
    {
        if (!_exists)
            return "";
        (string, string) Place(string view) => ($"ref {ScalarCSharp.Name(view)}[start_]", "1");
        string plain = Call("                ", "PlainStore", "end_ - start_", Place);
        string stream = "";
        if (CanStream())
        {
            var written = SimdPrinter.Written(_map).ToList();
            var views = _map.Parameters.OfType<ViewParameter>().Select(p => p.View).ToList();
            string bytes = string.Join(" + ", views.Select(v => $"({v.Element.Bytes()} * {ScalarCSharp.Name(v.Name)}.Length)"));
            var tests = written.Select(w => $"KernelVectors.IsAligned({Place(w).Item1})").Concat(
                from w in written
                from v in views
                where !written.Contains(v.Name)
                select $"KernelVectors.AreApart({Place(w).Item1}, {Place(v.Name).Item1})");
            stream = $"                if ({bytes} >= KernelVectors.LargeBytes && {string.Join(" && ", tests)})\n                {{\n" +
                Call("                    ", "StreamStore", "end_ - start_", Place, "StreamStore.End();") + "                }\n\n";
        }

        return $"            if (KernelVectors.AreOn && end_ > start_)\n            {{\n{stream}{plain}            }}\n\n";
    }

    /// <summary>Whether a map writes each result once, without having read it: only then may it go past the caches.</summary>
    private bool CanStream() =>
        SimdPrinter.Written(_map).Any()
        && !Types.Statements(_map.Body).Any(s => s is Return)
        && Types.Statements(_map.Body).Where(s => s is Assign { Target: Load }).All(s => _map.Body.Contains(s))
        && !SimdPrinter.Written(_map).Intersect(SimdPrinter.Read(_map)).Any()
        && _map.Body.Count(s => s is Assign { Target: Load }) == SimdPrinter.Written(_map).Count();

    /// <summary>In the body over strided views: the vector loop where every step is 1 or 0.</summary>
    public string Strided()
    {
        if (!_exists)
            return "";
        var written = SimdPrinter.Written(_map).ToList();
        var text = new StringBuilder();
        var views = _map.Parameters.OfType<ViewParameter>().Select(p => p.View).ToList();
        string test = string.Join(" && ", views.Select(v => $"{ScalarCSharp.Name(v.Name)}.Step is {(written.Contains(v.Name) ? "1" : "0 or 1")}"));
        text.Append($"            if (KernelVectors.AreOn && n_ >= KernelVectors.ShortRun && {test})\n            {{\n");
        foreach (var view in views.Where(v => !written.Contains(v.Name)))
        {
            string type = view.Element.CSharp(), name = ScalarCSharp.Name(view.Name);
            text.Append($"                Vector512<{type}> {Beside(view.Name, "same")};\n");
            text.Append($"                Unsafe.SkipInit(out {Beside(view.Name, "same")});\n");
            text.Append($"                ref {type} {Beside(view.Name, "at")} = ref ({name}.Step == 0 ? ref KernelVectors.Repeat(ref {name}[0], ref {Beside(view.Name, "same")}) : ref {name}[0]);\n");
        }

        text.Append(Call("                ", "PlainStore", "n_", view => written.Contains(view)
            ? ($"ref {ScalarCSharp.Name(view)}[0]", "1")
            : ($"ref {Beside(view, "at")}", $"(nint){ScalarCSharp.Name(view)}.Step")));
        return text.Append("            }\n\n").ToString();
    }

    private string Call(
        string indent, string store, string count, System.Func<string, (string Place, string Step)> view, string? after = null)
    {
        string arguments = string.Concat(_map.Parameters.Select(p =>
        {
            if (p is ValueParameter value)
                return $", ({value.Type.CSharp()}){ScalarCSharp.Path(value.Path)}";
            var (place, step) = view(p.Name);
            return $", {place}, {step}";
        }));
        return $"{indent}{_holder}.Run_<{store}>({count}{arguments});\n{(after == null ? "" : $"{indent}{after}\n")}{indent}return;\n";
    }

    /// <summary>A name beside a view's that no parameter has.</summary>
    private string Beside(string view, string what) => SimdPrinter.Beside(_map, view, what);
}
