using System.Diagnostics.CodeAnalysis;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using MomentumCore.Kernels.Compiler;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Kernels;

/// <summary>Source in, launchers and diagnostics out.</summary>
[TestFixture]
internal sealed class KernelGeneratorTests
{
    private const string Usings = "using MomentumCore.Kernels.Dialect;\n";

    [Test]
    public void A_kernel_gets_launchers_in_float_and_double_that_compute_it()
    {
        string printed = CompiledProgram.Run(
            """
            using MomentumCore.Kernels.Devices;
            using MomentumCore.Kernels.Dialect;

            unsafe
            {
                double* x = stackalloc double[3] { 1, 2, 3 };
                double* y = stackalloc double[3];
                Mine.Curve(Device.Cpu, 3, new ArrayView<double>(x, 3), new ArrayView<double>(y, 3), 0.1);
                Console.WriteLine($"{y[0]} {y[1]} {y[2]}");
                float f = 2;
                Mine.Curve(Device.Cpu, 1, new ArrayView<float>(&f, 1), new ArrayView<float>(&f, 1), 0.1f);
                Console.WriteLine(f);
            }

            public static partial class Mine
            {
                const float Tenth = 0.1f;

                static float Square(float x) => x * x;

                [Kernel]
                public static void Curve(Index1D i, ArrayView<float> x, ArrayView<float> y, float a)
                {
                    float t = x[i];
                    if (t > 2.5f)
                        t = MathF.Max(t, 10f);
                    y[i] = Square(t) + (a - Tenth);
                }
            }
            """,
            "kernel.cs");
        // In double the constant is 0.1, not the rounded 0.1f, so that a − Tenth is exactly 0.
        Assert.That(printed.ReplaceLineEndings("\n"), Is.EqualTo("1 4 100\n4\n"));
    }

    [TestCase("[Kernel] void F(Index1D i, ArrayView<float> x) { }", "must be a static void method")]
    [TestCase("[Kernel] public static int F(Index1D i, ArrayView<float> x) => 1;", "must be a static void method")]
    public void What_is_no_kernel_is_an_error_that_says_why(string method, string message)
    {
        var diagnostics = Generate($"{Usings}public partial class K {{ {method} }}", out _);
        Assert.That(diagnostics.Select(d => d.Id), Is.EqualTo(new[] { "MC0001" }));
        Assert.That(diagnostics[0].GetMessage(), Does.Contain(message));
        Assert.That(
            diagnostics[0].Location.IsInSource || diagnostics[0].Location.GetLineSpan().Path == "k.cs", Is.True);
    }

    [Test]
    public void A_half_typed_view_does_not_stop_the_generator()
    {
        var diagnostics = Generate($"{Usings}public static partial class K {{ [Kernel] public static void F(Index1D i, ArrayView x, ArrayView<float> y) {{ y[i] = 1f; }} }}", out _);
        Assert.That(diagnostics.Select(d => d.Id), Is.All.StartsWith("MC"), "no CS8785");
    }

    [Test]
    public void A_class_that_is_not_partial_is_an_error()
    {
        var diagnostics = Generate(
            $"{Usings}public static class K {{ [Kernel] public static void F(Index1D i, ArrayView<float> x) {{ }} }}",
            out _);
        Assert.That(diagnostics.Single().GetMessage(), Does.Contain("must be partial"));
    }

    [TestCase("y[i] = x[i];", true)]
    [TestCase("y[i] = x[i + 1];", false)]
    [TestCase("y[i] = i;", false)]
    [TestCase("y[i] = x[0];", false)]
    [TestCase("y[i] = x.Length;", false)]
    public void Only_a_map_gets_a_strided_launcher(string body, bool isMap)
    {
        Generate(
            $"{Usings}public static partial class K " +
            $"{{ [Kernel] public static void F(Index1D i, ArrayView<float> x, ArrayView<float> y) {{ {body} }} }}",
            out string text);
        Assert.That(text.Contains("in StridedLayout", StringComparison.Ordinal), Is.EqualTo(isMap));
    }

    [Test]
    public void An_edit_of_another_file_does_not_write_the_kernels_again()
    {
        var kernel = CSharpSyntaxTree.ParseText(
            $"{Usings}public static partial class K " +
            $"{{ [Kernel] public static void F(Index1D i, ArrayView<float> x) => x[i] = 1f; }}",
            path: "k.cs");
        var other = CSharpSyntaxTree.ParseText("class Other { }", path: "other.cs");
        var compilation = CSharpCompilation.Create("t", [kernel, other], CompiledProgram.References());
        GeneratorDriver driver = CSharpGeneratorDriver.Create(
            [new KernelGenerator().AsSourceGenerator()],
            driverOptions: new GeneratorDriverOptions(
                IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
        driver = driver.RunGenerators(compilation);
        driver = driver.RunGenerators(
            compilation.ReplaceSyntaxTree(
                other, CSharpSyntaxTree.ParseText("class Other { int x; }", path: "other.cs")));
        var outputs = driver.GetRunResult().Results[0].TrackedOutputSteps.SelectMany(s => s.Value).SelectMany(s => s.Outputs).ToList();
        Assert.That(outputs, Is.Not.Empty);
        Assert.That(
            outputs.Select(o => o.Reason),
            Is.All.EqualTo(IncrementalStepRunReason.Cached).Or.EqualTo(IncrementalStepRunReason.Unchanged));
    }

    [TestCase(null, true)]
    [TestCase("", false)]
    [TestCase("true", false)]
    [TestCase("False", true)]
    public void The_generator_reports_errors_where_no_analyzer_runs_and_only_there(string? runAnalyzers, bool reports)
    {
        var compilation = Analyzed.Compilation(
            Analyzed.Class("[Kernel] public static void F(Index1D i, ArrayView<float> x) { string s = \"\"; }"));
        GeneratorDriver driver = CSharpGeneratorDriver.Create(
            [new KernelGenerator().AsSourceGenerator()], optionsProvider: new BuildProperties(runAnalyzers));
        var found = driver.RunGenerators(compilation).GetRunResult().Diagnostics;
        Assert.That(found.Select(d => d.Id), Is.EqualTo(reports ? new[] { "MC0003" } : []));
        // The analyzer always sees the same error; a build that runs both shows it once.
        Assert.That(Analyzed.Messages(compilation).Select(d => d.Id), Is.EqualTo(new[] { "MC0003" }));
    }

    private sealed class BuildProperties(string? runAnalyzers) : AnalyzerConfigOptionsProvider
    {
        public override AnalyzerConfigOptions GlobalOptions { get; } = new Values(runAnalyzers);

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => GlobalOptions;

        private sealed class Values(string? runAnalyzers) : AnalyzerConfigOptions
        {
            public override bool TryGetValue(string key, [NotNullWhen(true)] out string? value)
            {
                value = runAnalyzers == null ? null : key switch
                {
                    "build_property.RunAnalyzers" => runAnalyzers,
                    "build_property.RunAnalyzersDuringBuild" => "",
                    _ => null,
                };
                return value != null;
            }
        }
    }

    private static List<Diagnostic> Generate(string source, out string text)
    {
        var compilation = CSharpCompilation.Create(
            "t", [CSharpSyntaxTree.ParseText(source, path: "k.cs")], CompiledProgram.References());
        var result = CSharpGeneratorDriver.Create(new KernelGenerator()).RunGenerators(compilation).GetRunResult();
        text = string.Concat(result.GeneratedTrees.Select(t => t.ToString()));
        return [.. result.Diagnostics];
    }
}
