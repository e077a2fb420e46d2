using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using MomentumCore.Kernels.Compiler;

namespace MomentumCore.Tests.Support;

/// <summary>A project that is edited while the kernel generator follows, as in an editor.</summary>
internal sealed class KernelProject
{
    private GeneratorDriver _driver = CSharpGeneratorDriver.Create(
        [new KernelGenerator().AsSourceGenerator()],
        driverOptions: new GeneratorDriverOptions(
            IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    private CSharpCompilation _compilation;

    public KernelProject(IEnumerable<(string Path, string Text)> files)
    {
        _compilation = CSharpCompilation.Create(
            "edited", files.Select(f => CSharpSyntaxTree.ParseText(f.Text, path: f.Path)), CompiledProgram.References(),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        Run();
    }

    /// <summary>Files of ten kernels each, a file of helpers and one that has nothing to do with kernels.</summary>
    public static KernelProject OfTensOfKernels(int tens)
    {
        var files = Enumerable.Range(0, tens).Select(file => (
            $"K{file}.cs",
            $$"""
            using System;
            using MomentumCore.Kernels.Dialect;
            namespace Many;
            public static partial class K{{file}}
            {
                const float Scale = {{file}}.5f;
                static float Own(float x) => Scale * x;
            {{string.Concat(Enumerable.Range(0, 10).Select(kernel => Kernel(kernel)))}}
            }
            """));
        return new KernelProject([
            .. files,
            ("Shared.cs", "using System;\nnamespace Many;\npublic static class Shared { public const float Half = 0.5f; public static float Twice(float x) => 2f * x; public static double Twice(double x) => 2.0 * x; public static float Other(float x) => x; }"),
            ("Other.cs", "class Other { void Run() { } }")]);
    }

    /// <summary>Replaces text in a file; gives why the text of each kernel was or was not made again.</summary>
    public IReadOnlyList<IncrementalStepRunReason> Edit(string path, string from, string to)
    {
        var tree = _compilation.SyntaxTrees.Single(t => t.FilePath == path);
        string text = tree.ToString();
        Assert.That(text, Does.Contain(from));
        int at = text.IndexOf(from, StringComparison.Ordinal);
        _compilation = _compilation.ReplaceSyntaxTree(
            tree, CSharpSyntaxTree.ParseText(text[..at] + to + text[(at + from.Length)..], path: path));
        Run();
        return Reasons(KernelGenerator.TextStep);
    }

    /// <summary>Why a step was or was not taken again for each kernel by the last edit.</summary>
    public IReadOnlyList<IncrementalStepRunReason> Reasons(string step) =>
        [.. _driver.GetRunResult().Results[0].TrackedSteps[step].SelectMany(s => s.Outputs).Select(o => o.Reason)];

    /// <summary>The generated text of a kernel.</summary>
    public string Text(string kernel) =>
        _driver.GetRunResult()
            .GeneratedTrees.Single(t => t.FilePath.EndsWith($"{kernel}.g.cs", StringComparison.Ordinal)).ToString();

    /// <summary>What a generator without a memory makes of the project as it is now.</summary>
    public string FreshText(string kernel) =>
        CSharpGeneratorDriver.Create(new KernelGenerator()).RunGenerators(_compilation).GetRunResult().GeneratedTrees
            .Single(t => t.FilePath.EndsWith($"{kernel}.g.cs", StringComparison.Ordinal)).ToString();

    private static string Kernel(int kernel) =>
        $$"""
            [Kernel]
            public static void F{{kernel}}(Index1D i, ArrayView<float> x, ArrayView<float> y)
            {
                float t = XMath.Exp(x[i]) + {{kernel}}f;
                y[i] = {{(kernel % 2 == 0 ? "Shared.Twice(t)" : "Own(t) * Shared.Half")}};
            }

        """;

    private void Run() => _driver = _driver.RunGenerators(_compilation);
}
