using System.Linq;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp;
using MomentumCore.Kernels.Compiler.Ir;
using MomentumCore.Kernels.Compiler.Printers.Groups;

namespace MomentumCore.Kernels.Compiler;

/// <summary>
/// The description of a kernel for people and checks: its C#, what became of it, and how to try it. Nobody who does not
/// ask for it pays: the texts are UTF-8 in methods that trimming removes.
/// </summary>
internal sealed partial class KernelWriter
{
    private static readonly Regex ElementType = new Regex("<(.*)>");

    // How the first form runs on the CPU.
    private string? _cpuForm;

    /// <summary>Remembers the loop of the first form, which is the one that people read.</summary>
    private void RememberCpuForm(KernelTree? tree)
    {
        if (_cpuForm != null || tree == null)
            return;
        if (_axes == 0)
            _cpuForm = GroupPrinter.Members(tree);
        else if (_vectors is { Obstacle: null } vectors)
            _cpuForm = vectors.Holder;
        else
            _cpuForm = $"// {_vectors?.Obstacle ?? "not a map: it touches views at other places than its own index"}\n" +
                $"for (int i = start; i < end; i++)\n    {_shape.Code}(i{Pass()});\n";
    }

    private void Describe()
    {
        string forms = string.Join(", ", _forms.Select(f => $"{_name}{KernelForms.Suffix(f)}Info"));
        _out.Append($"    static partial void {LauncherWriter.Describe(_name)}(ref KernelDescription? description_) => description_ = new(\n");
        _out.Append($"        \"{_type.Identifier.Text}\", [{forms}],\n");
        _out.Append($"        static () => System.Text.Encoding.UTF8.GetString({Text(Dedented(_method.ToString()))}u8),\n");
        _out.Append($"        static () => System.Text.Encoding.UTF8.GetString({Text(Dedented(_cpuForm ?? ""))}u8),\n");
        _out.Append($"        {Trial()});\n\n");
    }

    /// <summary>A launch on made-up arguments; only of a map, which is safe with any of them.</summary>
    private string Trial()
    {
        if (!_isMap)
            return "null";
        string arguments = string.Concat(_arguments.Select(a =>
        {
            string type = Type(a, SyntaxKind.FloatKeyword);
            return a.IsView ? $", trial_.View<{ElementType.Match(type).Groups[1].Value}>()" : $", trial_.Number<{type}>()";
        }));
        return $"static trial_ => {_shape.Code}(trial_.Device, trial_.Count{arguments})";
    }

    private static string Text(string content) => $"\"\"\"\"\"\n{content}\n\"\"\"\"\"";

    /// <summary>Without the indentation that all lines but perhaps the first share.</summary>
    private static string Dedented(string text)
    {
        string[] lines = text.Replace("\r\n", "\n").Trim('\n').Split('\n');
        int indent = lines.Skip(1).Where(l => l.Trim().Length > 0).Select(l => l.Length - l.TrimStart().Length).DefaultIfEmpty(0).Min();
        return string.Join("\n", lines.Select(l => l.Substring(System.Math.Min(indent, l.Length - l.TrimStart().Length)).TrimEnd())).TrimEnd();
    }
}
