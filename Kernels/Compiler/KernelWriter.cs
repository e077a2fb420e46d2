using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Text;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using MomentumCore.Kernels.Compiler.Incremental;
using MomentumCore.Kernels.Compiler.Ir;
using MomentumCore.Kernels.Compiler.Lowering;
using MomentumCore.Kernels.Compiler.Printers;
using MomentumCore.Kernels.Compiler.Printers.Simd;

namespace MomentumCore.Kernels.Compiler;

/// <summary>
/// Writes what the launchers of one kernel do, and its copies for other element types and for strided views; the
/// launchers themselves are in <see cref="LauncherWriter"/>.
/// </summary>
internal sealed partial class KernelWriter
{
    private readonly KernelShape _shape;
    private readonly MethodDeclarationSyntax _method;
    private readonly TypeDeclarationSyntax _type;
    private readonly bool _withHelpers;
    private readonly string _name;
    private readonly IReadOnlyList<Argument> _arguments;
    private readonly bool _isMap;
    private readonly int _axes;
    private ImmutableArray<Parameter>? _parameters;
    private VectorLoop? _vectors;
    private readonly IReadOnlyList<SyntaxKind> _forms;
    private readonly StringBuilder _out = new StringBuilder();
    private readonly IMethodSymbol _symbol;
    private readonly Compilation _compilation;
    private readonly CancellationToken _cancel;
    private readonly CopiedNames _names;
    private readonly HelperCopies _copies;

    public KernelWriter(KernelShape shape, IMethodSymbol symbol, bool withHelpers, Compilation compilation, CancellationToken cancel)
    {
        _shape = shape;
        _symbol = symbol;
        _compilation = compilation;
        _cancel = cancel;
        _method = shape.Method;
        _type = shape.Type;
        _withHelpers = withHelpers;
        _name = shape.Name;
        _axes = shape.Axes;
        _arguments = shape.Arguments;
        _isMap = shape.IsMap;
        _forms = shape.Forms;
        _copies = HelperCopies.Of(symbol.ContainingType, compilation);
        _names = new CopiedNames(_type.Identifier.Text, [.. HelperNames()], compilation, cancel);
    }

    public string Write()
    {
        _out.Append(_shape.HeadWith(_withHelpers ? Parts() : [_type]));
        foreach (var form in _forms)
        {
            Descriptions(form);
            if (_axes == 0)
                GroupLauncher(form);
            else
                Launcher(form);
            if (_isMap)
                StridedLauncher(form);
        }

        foreach (var form in _forms)
            Copies(form);
        Describe();
        _out.Append("}\n");
        return _out.ToString();
    }

    /// <summary>The parts of the class with methods in them, this one first.</summary>
    private List<TypeDeclarationSyntax> Parts() =>
        [_type, .. Members().OfType<MethodDeclarationSyntax>().Select(m => (TypeDeclarationSyntax)m.Parent!).Where(p => p != _type).Distinct()];

    private string Type(Argument argument, SyntaxKind form) => _shape.TypeOf(argument, form);

    private string Signature(SyntaxKind form, string? view = null) => _shape.Signature(form, view);

    private string Pass() => _shape.Pass();

    private string Owner(SyntaxKind form) => form == SyntaxKind.FloatKeyword ? _type.Identifier.Text : KernelForms.Suffix(form);

    private void Launcher(SyntaxKind form)
    {
        string suffix = KernelForms.Suffix(form);
        string body = $"{_name}{suffix}Body";
        string total = string.Join(" + ", _arguments.Where(a => a.IsView).Select(a => $"{a.Code}.Length").DefaultIfEmpty("count_"));
        _out.Append($"    static partial void {LauncherWriter.Partial(_name)}(Device device_, {_shape.Extent}{Signature(form)})\n    {{\n");
        if (_axes > 1)
            _out.Append($"        int count_ = KernelLaunch.Count(\"{_name}\", extent_);\n");
        _out.Append($"        KernelLaunch.CheckCount(\"{_name}\", device_, count_);\n");
        if (_isMap)
        {
            foreach (var view in _arguments.Where(a => a.IsView))
                _out.Append($"        KernelLaunch.CheckLength(\"{_name}\", \"{view.Name}\", count_, {view.Code}.Length);\n");
        }

        Emulated($"{_name}{suffix}Item", "count_");
        OtherDevice($"{_name}{suffix}Info", "count_");
        _out.Append($"        KernelLaunch.Run(device_, count_, {total}, new {body} {{ {ExtentInitializer()}{Initializers()} }});\n    }}\n\n");
        Item(form, $"{_name}{suffix}Item", "", Call(form, "i_"));
        _out.Append($"    private struct {body} : IRangeBody\n    {{\n");
        if (_axes > 1)
            _out.Append($"        public Index{_axes}D F_extent_;\n");
        Fields(form);
        _out.Append("\n        public void Run(int start_, int end_)\n        {\n");
        Locals();
        _out.Append(_vectors?.Gapless());
        _out.Append($"            for (int i_ = start_; i_ < end_; i_++)\n                {(_plain == null ? $"{Owner(form)}.{_shape.Code}({Index("i_", "F_extent_")}{Pass()})" : PlainCall())};\n");
        _out.Append("        }\n");
        _out.Append(_plain);
        _out.Append("    }\n\n");
    }

    private void StridedLauncher(SyntaxKind form)
    {
        string suffix = KernelForms.Suffix(form);
        string body = $"{_name}{suffix}StridedBody";
        var views = _arguments.Where(a => a.IsView).ToList();
        _out.Append($"    static partial void {LauncherWriter.Partial(_name)}(Device device_, in StridedLayout layout_{Signature(form)})\n    {{\n");
        _out.Append("        if (layout_.IsContiguous)\n        {\n");
        _out.Append($"            {_shape.Code}(device_, layout_.Count{Pass()});\n            return;\n        }}\n\n");
        Emulated($"{_name}{suffix}StridedItem", "layout_.Count", "Layout_ = layout_, ");
        OtherDevice($"{_name}{suffix}StridedInfo", "layout_");
        _out.Append($"        KernelLaunch.Run(device_, layout_.Count, {views.Count}L * layout_.Count, new {body} {{ Layout_ = layout_, {Initializers()} }});\n    }}\n\n");
        StridedItem(form, $"{_name}{suffix}StridedItem", views);
        _out.Append($"    private struct {body} : IRangeBody\n    {{\n        public StridedLayout Layout_;\n");
        Fields(form);
        _out.Append("\n        public void Run(int start_, int end_)\n        {\n            int inner_ = Layout_.InnerSize;\n");
        _out.Append("            for (int i_ = start_; i_ < end_;)\n            {\n                int n_ = System.Math.Min(inner_ - (i_ % inner_), end_ - i_);\n");
        string call = string.Concat(_arguments.Select(a => ", " + (a.IsView
            ? $"F_{a.Name}.Strided(Layout_.Offset({views.IndexOf(a)}, i_), Layout_.InnerStep({views.IndexOf(a)}))"
            : $"F_{a.Name}")));
        _out.Append($"                Inner(n_{call});\n                i_ += n_;\n            }}\n        }}\n\n");
        _out.Append($"        private static void Inner(int n_{Signature(form, "StridedView")})\n        {{\n");
        _out.Append(_vectors?.Strided());
        _out.Append($"            for (int i_ = 0; i_ < n_; i_++)\n                Strided{suffix}.{_shape.Code}(new Index1D(i_){Pass()});\n        }}\n    }}\n\n");
    }

    /// <summary>What devices other than the CPU are handed: the kernel's text, gapless and strided.</summary>
    private void Descriptions(SyntaxKind form)
    {
        var tree = Lowerer.Lower(_symbol, _compilation, KernelForms.ScalarOf(form), _cancel, out _);
        Description(form, "Info", tree, tree == null ? null : OpenClPrinter.Print(tree));
        if (_isMap)
            Description(form, "StridedInfo", tree, tree == null ? null : OpenClPrinter.PrintStrided(tree));
        _parameters = tree?.Parameters;
        _tree = tree;
        _plain = tree != null && _axes > 0 && Types.UsesPrivateArrays(tree) ? PlainItem(tree) : null;
        _vectors = tree != null && _isMap ? new VectorLoop(tree, $"{_name}{KernelForms.Suffix(form)}Simd") : null;
        _out.Append(_vectors?.Holder);
        RememberCpuForm(tree);
    }

    private void Description(SyntaxKind form, string end, KernelTree? tree, string? source)
    {
        string text = source == null ? "null" : $"\"\"\"\"\n{source}\n\"\"\"\"";
        string usesDouble = tree != null && Types.Uses(tree, Scalar.F64) ? "true" : "false";
        _out.Append($"    private static readonly KernelInfo {_name}{KernelForms.Suffix(form)}{end} = new(\"{_name}\", {text}, {usesDouble})\n");
        _out.Append($"    {{\n        Form = \"{KernelForms.Suffix(form)}\",\n        Location = {KernelLine.Mark},\n");
        _out.Append($"        Family = \"{_symbol.ContainingType.ToDisplayString()}{(end == "Info" ? "" : ", strided")}\",\n{Entry()}{Options(tree)}    }};\n\n");
    }

    private string Entry()
    {
        string entry = OpenClPrinter.EntryName(_name);
        return entry == _name ? "" : $"        Entry = \"{entry}\",\n";
    }

    private void OtherDevice(string info, string extent)
    {
        _out.Append("        if (device_ is not CpuDevice)\n        {\n");
        // Structs are handed over field by field, as the tree has taken them apart.
        var arguments = _parameters == null
            ? _arguments.Where(a => a.IsView).Select(a => a.Code)
            : _parameters.Value.Select(p => p is ValueParameter v ? v.Path : ((ViewParameter)p).Path).Select(ScalarCSharp.Path);
        _out.Append($"            KernelLaunch.Run(device_, {info}, {extent}, [{string.Join(", ", arguments.Select(a => $"KernelArgument.Of({a})"))}]);\n");
        _out.Append("            return;\n        }\n\n");
        foreach (var view in _arguments.Where(a => a.IsView))
            _out.Append($"        KernelLaunch.CheckAddressable(\"{_name}\", \"{view.Name}\", {view.Code});\n");
    }

    private string Initializers() => string.Join(", ", _arguments.Select(a => $"F_{a.Name} = {a.Code}"));

    private void Fields(SyntaxKind form)
    {
        foreach (var a in _arguments)
            _out.Append($"        public {Type(a, form)} F_{a.Name};\n");
    }

    private void Locals()
    {
        foreach (var a in _arguments)
            _out.Append($"            var {a.Code} = F_{a.Name};\n");
    }

    private void Copies(SyntaxKind form)
    {
        if (form != SyntaxKind.FloatKeyword)
            Copy(form, KernelForms.Suffix(form), null);
        if (_isMap)
            Copy(form, "Strided" + KernelForms.Suffix(form), "StridedView");
    }

    private void Copy(SyntaxKind form, string holder, string? view)
    {
        var retyper = new Retyper(form, view);
        _out.Append($"    private static partial class {holder}\n    {{\n");
        // Helpers and constants that the kernel uses are copied beside each kernel class once per element type.
        if (_withHelpers && view == null && form == SyntaxKind.DoubleKeyword)
            Helpers(retyper);
        _out.Append("        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]\n");
        _out.Append("        " + retyper.Visit(Bare(_names.Spelled(_method, form == SyntaxKind.DoubleKeyword)))!.NormalizeWhitespace().ToFullString() + "\n");
        _out.Append("    }\n\n");
    }

    private void Helpers(Retyper retyper)
    {
        foreach (var member in Members())
        {
            if (member is MethodDeclarationSyntax m && IsCopied(m))
            {
                _out.Append("        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]\n");
                _out.Append("        " + retyper.Visit(Plain(Bare(_names.Spelled(m, isDouble: true))))!.NormalizeWhitespace().ToFullString() + "\n");
            }
            else if (member is FieldDeclarationSyntax field && field.Modifiers.Any(SyntaxKind.ConstKeyword))
            {
                var copy = _names.Spelled(field, isDouble: true).WithAttributeLists(default).WithLeadingTrivia()
                    .WithModifiers(SyntaxFactory.TokenList(SyntaxFactory.Token(SyntaxKind.InternalKeyword), SyntaxFactory.Token(SyntaxKind.ConstKeyword)));
                _out.Append("        " + retyper.Visit(copy)!.NormalizeWhitespace().ToFullString() + "\n");
            }
        }
    }

    /// <summary>The members of all parts of the class, those of this one first.</summary>
    private IEnumerable<MemberDeclarationSyntax> Members() => _type.Members.Concat(
        _symbol.ContainingType.DeclaringSyntaxReferences.Select(r => r.GetSyntax(_cancel)).OfType<TypeDeclarationSyntax>()
            .Where(part => part != _type).SelectMany(part => part.Members));

    private bool IsCopied(MethodDeclarationSyntax member) => (member.Body != null || member.ExpressionBody != null) && _copies.Has(member, _cancel);

    private IEnumerable<string> HelperNames() => Members().SelectMany(m => m switch
    {
        MethodDeclarationSyntax method when IsCopied(method) => new[] { method.Identifier.Text },
        FieldDeclarationSyntax field => field.Declaration.Variables.Select(v => v.Identifier.Text),
        _ => Enumerable.Empty<string>(),
    });

    // A nested class has no extension methods.
    private static MethodDeclarationSyntax Plain(MethodDeclarationSyntax method) => method.ReplaceNodes(
        method.ParameterList.Parameters.Take(1),
        (first, _) => first.WithModifiers(SyntaxFactory.TokenList(first.Modifiers.Where(m => !m.IsKind(SyntaxKind.ThisKeyword)))));

    private static MethodDeclarationSyntax Bare(MethodDeclarationSyntax method) => method
        .WithAttributeLists(default)
        .WithLeadingTrivia()
        .WithModifiers(SyntaxFactory.TokenList(
            SyntaxFactory.Token(SyntaxKind.InternalKeyword), SyntaxFactory.Token(SyntaxKind.StaticKeyword)));
}
