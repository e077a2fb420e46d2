using System.Reflection;
using System.Runtime.Loader;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using MomentumCore.Kernels.Compiler;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Kernels.Fuzz;

/// <summary>Random kernels, compiled as a project's are, loaded, and ready to run.</summary>
internal sealed class FuzzBatch
{
    private const string Usings =
        "using System;\nusing System.Numerics;\nusing MomentumCore.Kernels.Devices;\nusing MomentumCore.Kernels.Dialect;\n\n";

    private readonly MethodInfo _run;

    private FuzzBatch(Assembly assembly, List<FuzzKernel> kernels, List<string> refusals, string source)
    {
        Kernels = kernels;
        Refusals = refusals;
        Source = source;
        _run = assembly.GetType("Launch")!.GetMethod("Run")!;
    }

    /// <summary>Those that the kernel compiler took.</summary>
    public List<FuzzKernel> Kernels { get; }

    /// <summary>What it said about the others.</summary>
    public List<string> Refusals { get; }

    /// <summary>Why forms of maps have no vectors, once for each that has none.</summary>
    public required IReadOnlyList<string> Obstacles { get; init; }

    public string Source { get; }

    /// <summary>A batch by its number.</summary>
    public static FuzzBatch Make(int seed, int perShape)
    {
        var random = new Random(seed);
        var source = new StringBuilder(Usings);
        var kernels = new List<FuzzKernel>();
        foreach (var shape in Enum.GetValues<FuzzShape>())
        {
            var (text, made) = RandomKernels.Write($"{shape}{seed}", random, shape, perShape);
            source.Append(text).Append('\n');
            kernels.AddRange(made);
        }

        return Of(source.ToString(), kernels);
    }

    /// <summary>The kernels of a source; those that the kernel compiler refuses are left out.</summary>
    public static FuzzBatch Of(string source, List<FuzzKernel> kernels)
    {
        var refusals = new List<string>();
        while (true)
        {
            var (compilation, diagnostics) = Generated(source, kernels);
            var refused = diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).ToList();
            if (refused.Any(d => !d.Id.StartsWith("MC", StringComparison.Ordinal)))
                throw new InvalidOperationException($"the generator failed: {string.Join("\n", refused)}\n{source}");
            if (refused.Count == 0)
            {
                var obstacles = compilation.SyntaxTrees.SelectMany(t => Regex.Matches(t.ToString(), "it has no SIMD form: (.*)\\.")).Select(m => m.Groups[1].Value);
                return new FuzzBatch(Load(compilation, source), kernels, refusals, source) { Obstacles = [.. obstacles] };
            }

            refusals.AddRange(refused.Select(d => $"{d.Id} {d.GetMessage()} at {source.Substring(d.Location.SourceSpan.Start, Math.Min(60, d.Location.SourceSpan.Length))}"));
            (source, kernels) = Without(source, kernels, refused);
        }
    }

    /// <summary>Runs one form of a kernel, over the first elements of buffers or over a layout of all of them.</summary>
    public void Run(FuzzKernel kernel, FuzzForm form, Device device, int count, StridedLayout layout, DeviceBuffer[] buffers, int numbers)
    {
        _run.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [kernel.Name, (int)form, device, count, layout, (Func<int, Type, int, object>)View, numbers], null);

        object View(int at, Type type, int length) => Type.GetTypeCode(type) switch
        {
            TypeCode.Single => buffers[at].View<float>(0, length),
            TypeCode.Double => buffers[at].View<double>(0, length),
            TypeCode.Int16 => buffers[at].View<short>(0, length),
            TypeCode.UInt16 => buffers[at].View<ushort>(0, length),
            TypeCode.Int32 => buffers[at].View<int>(0, length),
            TypeCode.UInt32 => buffers[at].View<uint>(0, length),
            TypeCode.Int64 => buffers[at].View<long>(0, length),
            _ => buffers[at].View<ulong>(0, length),
        };
    }

    private static (Compilation Compilation, IReadOnlyList<Diagnostic> Diagnostics) Generated(string source, List<FuzzKernel> kernels)
    {
        Compilation compilation = CSharpCompilation.Create(
            "fuzz_" + Guid.NewGuid().ToString("N"),
            [Parse(source, "kernels.cs"), Parse(Twins(source), "twins.cs"), Parse(Launchers(kernels), "launch.cs")],
            CompiledProgram.References(),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, optimizationLevel: OptimizationLevel.Release));
        var own = compilation.GetSemanticModel(compilation.SyntaxTrees.First()).GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error).Take(8).ToList();
        if (own.Count > 0)
            throw new InvalidOperationException($"not C#: {string.Join("\n", own.Select(e => $"{e}\n    {e.Location.SourceTree?.GetText().Lines[e.Location.GetLineSpan().StartLinePosition.Line]}"))}\n{source}");
        var driver = CSharpGeneratorDriver.Create(new KernelGenerator()).RunGeneratorsAndUpdateCompilation(compilation, out compilation, out var diagnostics);
        if (driver.GetRunResult().Results[0].Exception is { } failure)
            throw new InvalidOperationException($"the generator threw {failure}\n{source}");
        return (compilation, diagnostics);
    }

    private static SyntaxTree Parse(string text, string path) => CSharpSyntaxTree.ParseText(text, path: path);

    private static Assembly Load(Compilation compilation, string source)
    {
        using var image = new MemoryStream();
        var errors = compilation.Emit(image).Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Take(8).ToList();
        if (errors.Count > 0)
        {
            throw new InvalidOperationException(string.Join("\n", errors.Select(e =>
                $"{e}\n    {e.Location.SourceTree?.GetText().Lines[e.Location.GetLineSpan().StartLinePosition.Line]}")) + "\n" + source);
        }

        image.Position = 0;
        return new AssemblyLoadContext("fuzz", isCollectible: true).LoadFromStream(image);
    }

    private static (string Source, List<FuzzKernel> Kernels) Without(string source, List<FuzzKernel> kernels, List<Diagnostic> refused)
    {
        var root = Parse(source, "kernels.cs").GetRoot();
        var gone = new List<MethodDeclarationSyntax>();
        foreach (var diagnostic in refused)
        {
            var method = root.FindNode(diagnostic.Location.SourceSpan).FirstAncestorOrSelf<MethodDeclarationSyntax>()!;
            if (kernels.Any(k => k.Name == method.Identifier.Text))
                gone.Add(method);
            else // a helper: everything that calls it goes as well
                gone.AddRange(Callers(root, method.Identifier.Text).Where(m => kernels.Any(k => k.Name == m.Identifier.Text) && m.Parent!.Span.Contains(method.Span)));
        }

        gone = [.. gone.Distinct()];
        if (gone.Count == 0)
            throw new InvalidOperationException($"nothing to leave out for {string.Join("\n", refused)}\n{source}");
        kernels = [.. kernels.Where(k => !gone.Any(g => g.Identifier.Text == k.Name))];
        return (root.RemoveNodes(gone, SyntaxRemoveOptions.KeepNoTrivia)!.ToFullString(), kernels);
    }

    private static HashSet<MethodDeclarationSyntax> Callers(SyntaxNode root, string name)
    {
        var found = new HashSet<MethodDeclarationSyntax>();
        var names = new HashSet<string> { name };
        int known;
        do
        {
            known = found.Count;
            foreach (var method in root.DescendantNodes().OfType<MethodDeclarationSyntax>())
            {
                if (method.DescendantNodes().OfType<SimpleNameSyntax>().Any(n => names.Contains(n.Identifier.Text)) && found.Add(method))
                    names.Add(method.Identifier.Text);
            }
        }
        while (found.Count != known);
        return found;
    }

    /// <summary>The source again, no kernels, with double where it says float.</summary>
    private static string Twins(string source)
    {
        const string Class = "public static partial class";
        string text = string.Join(Class, source.Split(Class).Where(c => !c.Contains("FloatOnly", StringComparison.Ordinal)));
        text = Regex.Replace(text, @"\[Kernel.*?\]", "");
        text = Regex.Replace(text, @"partial class (\w+)", "partial class ${1}Twin");
        text = Regex.Replace(text, @"\bfloat\b", "double");
        text = Regex.Replace(text, @"\bSingle\b", "Double").Replace("MathF", "Math", StringComparison.Ordinal);
        return Regex.Replace(text, @"(?<![\w.])(\d+(\.\d+)?(e[+-]?\d+)?)f\b", "${1}d");
    }

    private static string Launchers(List<FuzzKernel> kernels)
    {
        var text = new StringBuilder(Usings);
        text.Append("public static class Launch\n{\n    public static void Run(string kernel, int form, Device d, int count, StridedLayout layout, Func<int, Type, int, object> b, int k)\n    {\n");
        text.Append("        int n = k == 0 ? 3 : k == 1 ? 0 : 5;\n        float s = k == 0 ? 0.3f : k == 1 ? -0f : float.NaN;\n        double t = k == 0 ? 0.3 : k == 1 ? -0.0 : double.NaN;\n");
        text.Append("        uint u4 = k == 0 ? 40u : k == 1 ? 0u : uint.MaxValue;\n        ulong u8 = k == 0 ? 70UL : k == 1 ? 1UL : ulong.MaxValue;\n        switch (kernel)\n        {\n");
        foreach (var kernel in kernels)
        {
            string owner = kernel.Name[..kernel.Name.LastIndexOf('K')];
            bool isNarrow = kernel.Views.All(v => v.Type.Bytes <= 4);
            text.Append($"            case \"{kernel.Name}\":\n                switch (form)\n                {{\n");
            bool isGroup = kernel.Shape == FuzzShape.Group;
            void Form(FuzzForm form, string call) => text.Append($"                    case {(int)form}: {call}; break;\n");
            string Views(bool isDouble, bool isWhole) => string.Concat(kernel.Views.Select((v, i) =>
                $", View<{(isDouble && v.Type == Number.Float ? "double" : v.Type.CSharp)}>(b, {i}, {(isWhole ? "count * 4" : "count")})"));
            string Scalars(bool isDouble) => $", n, {(isDouble ? "t" : "s")}, u{(isNarrow ? 4 : 8)}";
            string extent = isGroup ? "new KernelConfig(count / 8, 8)" : "count";
            Form(FuzzForm.Float, $"{owner}.{kernel.Name}(d, {extent}{Views(false, false)}{Scalars(false)})");
            if (kernel.HasDouble)
                Form(FuzzForm.Double, $"{owner}.{kernel.Name}(d, {extent}{Views(true, false)}{Scalars(true)})");
            if (kernel.Shape <= FuzzShape.Wide)
            {
                Form(FuzzForm.Strided, $"{owner}.{kernel.Name}(d, in layout{Views(false, true)}{Scalars(false)})");
                if (kernel.HasDouble)
                    Form(FuzzForm.StridedDouble, $"{owner}.{kernel.Name}(d, in layout{Views(true, true)}{Scalars(true)})");
                Form(FuzzForm.Method, $"for (int i = 0; i < count; i++) {owner}.{kernel.Name}(new Index1D(i){Views(false, false)}{Scalars(false)})");
                if (kernel.HasDouble)
                    Form(FuzzForm.Twin, $"for (int i = 0; i < count; i++) {owner}Twin.{kernel.Name}(new Index1D(i){Views(true, false)}{Scalars(true)})");
            }

            text.Append("                }\n\n                break;\n");
        }

        return text.Append("        }\n    }\n\n    private static ArrayView<T> View<T>(Func<int, Type, int, object> b, int i, int count) where T : unmanaged => (ArrayView<T>)b(i, typeof(T), count);\n}\n").ToString();
    }
}
