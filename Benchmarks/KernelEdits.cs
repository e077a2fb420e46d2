using BenchmarkDotNet.Attributes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using MomentumCore.Kernels.Compiler;

namespace MomentumCore.Benchmarks;

/// <summary>How long the kernel generator takes after an edit, in a project of 100 kernels in ten files.</summary>
public class KernelEdits
{
    private readonly SyntaxTree[] _versions = new SyntaxTree[2];
    private CSharpCompilation _compilation = null!; // made in Setup
    private GeneratorDriver _driver = null!; // made in Setup
    private SyntaxTree _edited = null!; // made in Setup
    private int _turn;

    /// <summary>What is edited: a kernel's body, or a method of a file without kernels.</summary>
    [Params("kernel", "elsewhere")]
    public string Where { get; set; } = "kernel";

    /// <summary>Generates all kernels once, as an editor does when it opens the project.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(p => !Path.GetFileName(p).StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal))
            .Select(p => MetadataReference.CreateFromFile(p));
        var kernels = Enumerable.Range(0, 10).Select(i => Parse($"K{i}.cs", File(i, "1f")));
        var other = Parse("Other.cs", "class Other { void Run() { } }");
        _compilation = CSharpCompilation.Create("edited", [.. kernels, other], references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        _driver = CSharpGeneratorDriver.Create(new KernelGenerator()).RunGenerators(_compilation);
        bool isKernel = Where == "kernel";
        _edited = _compilation.SyntaxTrees[isKernel ? 3 : 10];
        for (int i = 0; i < 2; i++)
            _versions[i] = isKernel ? Parse("K3.cs", File(3, $"{i + 2}f")) : Parse("Other.cs", $"class Other {{ void Run() {{ int a = {i}; }} }}");
    }

    /// <summary>The next version of the file, and what the generator makes of it.</summary>
    [Benchmark]
    public GeneratorDriver Edit()
    {
        var next = Parse(_edited.FilePath, _versions[_turn ^= 1].ToString());
        _compilation = _compilation.ReplaceSyntaxTree(_edited, next);
        _edited = next;
        return _driver = _driver.RunGenerators(_compilation);
    }

    private static SyntaxTree Parse(string path, string text) => CSharpSyntaxTree.ParseText(text, path: path);

    private static string File(int file, string number) =>
        $$"""
        using System;
        using MomentumCore.Kernels.Dialect;
        public static partial class K{{file}}
        {
            static float Twice(float x) => 2f * x;
        {{string.Concat(Enumerable.Range(0, 10).Select(kernel => $$"""
            [Kernel]
            public static void F{{kernel}}(Index1D i, ArrayView<float> x, ArrayView<float> y)
            {
                float t = XMath.Tanh(x[i]);
                y[i] = Twice(t * t) + {{(kernel == 7 ? number : "1f")}};
            }

        """))}}
        }
        """;
}
