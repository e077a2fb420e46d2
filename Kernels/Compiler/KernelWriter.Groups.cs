using System.Collections.Generic;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis.CSharp;
using MomentumCore.Kernels.Compiler.Ir;
using MomentumCore.Kernels.Compiler.Printers;
using MomentumCore.Kernels.Compiler.Printers.Groups;

namespace MomentumCore.Kernels.Compiler;

/// <summary>Launchers of grouped kernels, and what the emulator runs: the kernel's own method, item by item.</summary>
internal sealed partial class KernelWriter
{
    private KernelTree? _tree;
    private string? _plain;

    private void GroupLauncher(SyntaxKind form)
    {
        string suffix = KernelForms.Suffix(form);
        string body = $"{_name}{suffix}Groups";
        _out.Append($"    static partial void {LauncherWriter.Partial(_name)}(Device device_, {_shape.Extent}{Signature(form)})\n    {{\n");
        _out.Append($"        KernelLaunch.CheckGroups(device_, {_name}{suffix}Info, config_);\n");
        _out.Append("        if (device_ is EmulatorDevice)\n        {\n");
        _out.Append($"            var emulation_ = new Emulation(\"{_name}\", device_);\n");
        _out.Append($"            emulation_.RunGroups(config_, new {_name}{suffix}Item {{ {WatchedInitializers()} }});\n            return;\n        }}\n\n");
        _out.Append("        if (device_ is CpuDevice cpu_)\n        {\n");
        foreach (var view in _arguments.Where(a => a.IsView || a.IsPlane))
            _out.Append($"            KernelLaunch.CheckAddressable(\"{_name}\", \"{view.Name}\", {view.Code}{(view.IsPlane ? ".BaseView" : "")});\n");
        _out.Append($"            KernelLaunch.RunGroups(cpu_, \"{_name}\", config_, new {body} {{ {Initializers()} }});\n            return;\n        }}\n\n");
        var arguments = _tree == null ? [] : _tree.Parameters.Select(p => p is ValueParameter v ? v.Path : ((ViewParameter)p).Path).Select(ScalarCSharp.Path);
        _out.Append($"        KernelLaunch.RunGroups(device_, {_name}{suffix}Info, config_, [{string.Join(", ", arguments.Select(a => $"KernelArgument.Of({a})"))}]);\n");
        _out.Append("    }\n\n");
        Item(form, $"{_name}{suffix}Item", "", Call(form, ""));
        _out.Append($"    private unsafe struct {body} : IGroupBody\n    {{\n");
        Fields(form);
        _out.Append('\n').Append(_tree == null ? "" : GroupPrinter.Members(_tree)).Append("    }\n\n");
    }

    /// <summary>In a launcher: the emulator's way.</summary>
    private void Emulated(string item, string count, string more = "")
    {
        _out.Append("        if (device_ is EmulatorDevice)\n        {\n");
        _out.Append($"            var emulation_ = new Emulation(\"{_name}\", device_);\n");
        _out.Append($"            emulation_.Run({count}, new {item} {{ {(more == "" ? ExtentInitializer() : more)}{WatchedInitializers()} }});\n");
        _out.Append("            return;\n        }\n\n");
    }

    /// <summary>One work item that calls the kernel's own method.</summary>
    private void Item(SyntaxKind form, string name, string fields, string call)
    {
        _out.Append($"    private struct {name} : IKernelItem\n    {{\n{fields}");
        if (_axes > 1)
            _out.Append($"        public Index{_axes}D F_extent_;\n");
        Fields(form);
        _out.Append($"\n        public void Run(int i_) => {call};\n    }}\n\n");
    }

    /// <summary>Over strided views: the kernel's own method with views of the one element that it may touch.</summary>
    private void StridedItem(SyntaxKind form, string name, List<Argument> views)
    {
        string arguments = string.Concat(_arguments.Select(a => ", " + (a.IsView ? $"F_{a.Name}.Element(Layout_.Offset({views.IndexOf(a)}, i_))" : $"F_{a.Name}")));
        Item(form, name, "        public StridedLayout Layout_;\n", $"{Owner(form)}.{_shape.Code}(new Index1D(0){arguments})");
    }

    private string Call(SyntaxKind form, string index)
    {
        string arguments = string.Concat(_arguments.Select(a => $", F_{a.Name}"));
        return index == ""
            ? $"{Owner(form)}.{_shape.Code}({arguments.TrimStart(',', ' ')})"
            : $"{Owner(form)}.{_shape.Code}({Index(index, "F_extent_")}{arguments})";
    }

    /// <summary>The index of a work item, from its number.</summary>
    private string Index(string number, string extent) => _axes switch
    {
        1 => $"new Index1D({number})",
        2 => $"new Index2D({number} % {extent}.X, {number} / {extent}.X)",
        _ => $"new Index3D({number} % {extent}.X, {number} / {extent}.X % {extent}.Y, {number} / ({extent}.X * {extent}.Y))",
    };

    private string ExtentInitializer() => _axes > 1 ? "F_extent_ = extent_, " : "";

    private string WatchedInitializers() => string.Join(", ", _arguments.Select(a =>
        a.IsView || a.IsPlane ? $"F_{a.Name} = emulation_.Watch({a.Code}, \"{a.Name}\")" : $"F_{a.Name} = {a.Code}"));

    private static string Options(KernelTree? tree)
    {
        if (tree == null)
            return "";
        string names = string.Join(",", tree.Parameters.Select(p => p is ValueParameter v ? v.Path : ((ViewParameter)p).Path));
        long shared = Types.Shared(tree.Body).Sum(a => (long)a.Length * a.View.Element.Bytes());
        return $"        Arguments = \"{names}\",\n" + (shared > 0 ? $"        SharedBytes = {shared},\n" : "") +
            (Types.DynamicShared(tree).Any() ? "        UsesDynamicShared = true,\n" : "");
    }

    /// <summary>A kernel with arrays of its own runs on the CPU from its tree: each work item's arrays lie on the stack.</summary>
    private static string PlainItem(KernelTree tree)
    {
        var text = new StringBuilder();
        var printer = new CSharpStatements(text, 2);
        string parameters = string.Concat(tree.Parameters.SelectMany(CSharpStatements.Parameter).Select(p => ", " + p));
        text.Append($"\n        private static unsafe void Item(int {ScalarCSharp.Name(tree.Index!)}{parameters})\n");
        printer.Braced(tree.Body);
        text.Append('\n');
        printer.Helpers(tree.Helpers);
        return text.ToString();
    }

    private string PlainCall() => "unsafe { Item(i_" + string.Concat(_tree!.Parameters.Select(p => p is ViewParameter v
        ? $", {ScalarCSharp.Field(v.Path)}.Pointer, {ScalarCSharp.Field(v.Path)}.Length"
        : $", ({((ValueParameter)p).Type.CSharp()}){ScalarCSharp.Field(((ValueParameter)p).Path)}")) + "); }";
}
