using System.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using MomentumCore.Kernels.Compiler;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Kernels;

/// <summary>Launchers are there while one types: without the bodies that builds need, and beside mistakes.</summary>
[TestFixture]
internal sealed class LauncherTests
{
    private const string Calls =
        """
            static void Calls(Device device, ArrayView<float> x, ArrayView<double> y, in StridedLayout layout)
            {
                Twice(device, 3, x);
                Twice(device, 3, y);
                Twice(device, layout, x);
                Grouped(device, (2, 4), x, 7);
                Plane(device, new Index2D(3, 2), y);
                string name = TwiceDescription.Name + KernelListed();
            }

            static int KernelListed() => MomentumCore.Kernels.Generated.KernelList.All().Length;

            [Kernel] public static void Grouped(ArrayView<float> x, int n) => x[Grid.GlobalIndex.X] = n;

            [Kernel] public static void Plane(Index2D at, ArrayView<float> x) => x[at.X * at.Y] = 0f;

        """;

    [Test]
    public void An_editor_that_leaves_out_what_builds_need_sees_every_launcher_and_no_error()
    {
        var compilation = InAnEditor(Analyzed.Class(
            Calls + "[Kernel] public static void Twice(Index1D i, ArrayView<float> x) => x[i] = 2f * x[i];"), out var driver);
        Assert.That(Errors(compilation), Is.Empty);
        var files = driver.GetRunResult().GeneratedTrees.Select(t => Path.GetFileName(t.FilePath));
        Assert.That(
            files, Is.EquivalentTo(new[] { "K.Twice.Launcher.g.cs", "K.Grouped.Launcher.g.cs", "K.Plane.Launcher.g.cs", "KernelList.g.cs" }));
    }

    [Test]
    public void Callers_of_a_kernel_with_a_mistake_in_its_body_keep_its_launchers()
    {
        var compilation = InAnEditor(Analyzed.Class(
            Calls + "[Kernel] public static void Twice(Index1D i, ArrayView<float> x) { string s = \"\"; x[i] = 2f * x[i]; }"), out _);
        Assert.That(Errors(compilation), Is.Empty);
        Assert.That(Analyzed.Messages(compilation).Select(m => m.Id), Does.Contain("MC0003"));
    }

    [Test]
    public void An_edit_of_a_body_changes_no_launcher()
    {
        var project = KernelProject.OfTensOfKernels(4);
        project.Edit("K3.cs", "+ 7f;", "+ 8f;");
        Assert.That(project.Reasons(KernelGenerator.TextStep).Count(r => r == IncrementalStepRunReason.Modified), Is.EqualTo(1));
        Assert.That(
            project.Reasons(KernelGenerator.LauncherStep).Count(r => r is IncrementalStepRunReason.Unchanged or IncrementalStepRunReason.Cached),
            Is.EqualTo(40));
        project.Edit("K3.cs", "void F7(Index1D i, ArrayView<float> x", "void F7(Index1D i, float a, ArrayView<float> x");
        Assert.That(
            project.Reasons(KernelGenerator.LauncherStep).Count(r => r == IncrementalStepRunReason.Modified), Is.EqualTo(1));
    }

    [Test]
    [NonParallelizable] // it looks at the clock
    public void With_a_hundred_kernels_an_edit_costs_less_than_a_quarter_of_making_them_all()
    {
        long start = Stopwatch.GetTimestamp();
        KernelProject.OfTensOfKernels(10);
        double all = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        var project = KernelProject.OfTensOfKernels(10);
        double kernel = Best(turn => project.Edit("K3.cs", $"+ 7{Dots(turn)}f;", $"+ 7{Dots(turn + 1)}f;"));
        double elsewhere = Best(turn => project.Edit("Other.cs", turn % 2 == 0 ? "class Other" : "class  Other", turn % 2 == 0 ? "class  Other" : "class Other"));
        TestContext.Out.WriteLine($"an edit of one kernel: {kernel:0.0} ms, elsewhere: {elsewhere:0.0} ms, all of them: {all:0} ms");
        // The figures themselves depend on what else the machine does; see the benchmark KernelEdits.
        Assert.That(kernel, Is.LessThan(all / 4));
        Assert.That(elsewhere, Is.LessThan(all / 4));

        static string Dots(int turn) => turn == 0 ? "" : "." + new string('0', turn);

        static double Best(Action<int> edit)
        {
            double best = double.MaxValue;
            for (int turn = 0; turn < 20; turn++)
            {
                long start = Stopwatch.GetTimestamp();
                edit(turn);
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            return best;
        }
    }

    private static Compilation InAnEditor(string source, out GeneratorDriver driver)
    {
        driver = CSharpGeneratorDriver.Create(
            [new KernelGenerator().AsSourceGenerator()],
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.Implementation));
        driver = driver.RunGeneratorsAndUpdateCompilation(Analyzed.Compilation(source), out var compilation, out _);
        return compilation;
    }

    private static IEnumerable<Diagnostic> Errors(Compilation compilation) =>
        compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error);
}
