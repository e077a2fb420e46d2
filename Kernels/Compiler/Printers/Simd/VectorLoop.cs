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
    public string Gapless() => Call(
        "            ", "KernelVectors.AreOn", "end_ - start_", view => ($"ref {ScalarCSharp.Name(view)}[start_]", "1"));

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
            text.Append($"                Vector512<{type}> {view.Name}_same;\n");
            text.Append($"                Unsafe.SkipInit(out {view.Name}_same);\n");
            text.Append($"                ref {type} {view.Name}_at = ref ({name}.Step == 0 ? ref KernelVectors.Repeat(ref {name}[0], ref {view.Name}_same) : ref {name}[0]);\n");
        }

        text.Append(Call("                ", "true", "n_", view => written.Contains(view)
            ? ($"ref {ScalarCSharp.Name(view)}[0]", "1")
            : ($"ref {view}_at", $"(nint){ScalarCSharp.Name(view)}.Step")));
        return text.Append("            }\n\n").ToString();
    }

    private string Call(string indent, string test, string count, System.Func<string, (string Place, string Step)> view)
    {
        if (!_exists)
            return "";
        string arguments = string.Concat(_map.Parameters.Select(p =>
        {
            if (p is ValueParameter value)
                return $", {Path(value.Path)}";
            var (place, step) = view(p.Name);
            return $", {place}, {step}";
        }));
        string call = $"{_holder}.Run_({count}{arguments});";
        return test == "true"
            ? $"{indent}{call}\n{indent}return;\n"
            : $"{indent}if ({test})\n{indent}{{\n{indent}    {call}\n{indent}    return;\n{indent}}}\n\n";
    }

    private static string Path(string path) => ScalarCSharp.Name(path);
}
