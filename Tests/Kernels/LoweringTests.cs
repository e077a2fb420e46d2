using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using MomentumCore.Kernels.Compiler.Ir;
using MomentumCore.Kernels.Compiler.Lowering;
using MomentumCore.Kernels.Compiler.Printers;
using MomentumCore.Tests.House;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Kernels;

/// <summary>The kernel language: what becomes a tree, what is refused and where.</summary>
[TestFixture]
internal sealed class LoweringTests
{
    internal static readonly Lazy<CSharpCompilation> Library = new(() => CSharpCompilation.Create(
        "library",
        Repository.Files("*.cs", "Kernels/Library").Concat(Repository.Files("*.cs", "Kernels/Dialect"))
            .Select(f => CSharpSyntaxTree.ParseText(File.ReadAllText(f), path: f))
            .Append(
                CSharpSyntaxTree.ParseText(
                    "global using System; global using System.Linq; global using System.Collections.Generic;")),
        CompiledProgram.References(),
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true)));

    private static IEnumerable<string> LibraryKernels() =>
        KernelSymbols(Library.Value).Select(m => $"{m.ContainingType.Name}.{m.Name}");

    [TestCaseSource(nameof(LibraryKernels))]
    public void Every_kernel_of_the_library_is_in_the_kernel_language(string name)
    {
        var kernel = KernelSymbols(Library.Value).First(m => $"{m.ContainingType.Name}.{m.Name}" == name);
        foreach (var form in new[] { Scalar.F32, Scalar.F64 })
        {
            var tree = Lowerer.Lower(kernel, Library.Value, form, default, out var rejections);
            Assert.That(
                rejections.Select(r => $"{r.Rule.Id} {r.Where.GetLocation().GetLineSpan()}: {r.Message}"), Is.Empty);
            Assert.That(OpenClPrinter.Print(tree!), Does.Contain($"__kernel void {kernel.Name}("));
        }
    }

    [TestCase("object o = x; y[i] = x[i];", "MC0002", "holds no references")]
    [TestCase("string s = \"a\"; y[i] = s.Length;", "MC0003", "no strings")]
    [TestCase("var a = new float[4]; y[i] = a[0];", "MC0004", "does not allocate")]
    [TestCase("throw new System.Exception();", "MC0005", "does not throw")]
    [TestCase("y[i] = Again(x[i]);", "MC0006", "calls itself")]
    [TestCase("System.Func<float> f = () => 1f; y[i] = f();", "MC0007", "lambdas")]
    [TestCase("y[i] = MathF.Cbrt(x[i]);", "MC0008", "XMath has no Cbrt")]
    [TestCase("y[i] = System.Environment.TickCount;", "MC0009", "its parameters only")]
    [TestCase("y[i] = Setting;", "MC0009", "its parameters only")]
    [TestCase("z[i] = 1f;", "MC0010", "passed with 'in'")]
    [TestCase("float t = 0f; y[i] = (t = x[i]);", "MC0014", "a statement of its own")]
    [TestCase("y[i] = checked(1 + i);", "MC0015", "wrap")]
    [TestCase("int k = 1; checked { k += i; } y[i] = k;", "MC0015", "wrap")]
    [TestCase("int k = 1; checked { k++; } y[i] = k;", "MC0015", "wrap")]
    [TestCase("int k = i; y[i] = checked((byte)k);", "MC0015", "wrap")]
    [TestCase("int k = i; y[i] = checked(-k);", "MC0015", "wrap")]
    [TestCase("int k = i; float a = 1f; y[i] = Both(in a, ref a);", "MC0015", "copy it to a local")]
    [TestCase("int a, b, c, k = i; ((a, b), c) = (Two(k), k); y[i] = a;", "MC0015", "in a local first")]
    [TestCase("decimal d = 1m; y[i] = x[i];", "MC0015", "cannot compute with 'decimal'")]
    public void What_a_kernel_may_not_say_is_an_error_on_the_spot(string body, string id, string message)
    {
        string source = $$"""
            using System;
            using MomentumCore.Kernels.Dialect;
            public static partial class K
            {
                static float Setting = 1f;
                static float Again(float x) => Again(x);
                static float Both(in float a, ref float b) { b += 1f; return a + b; }
                static (int A, int B) Two(int k) => (k + 1, k + 2);
                [Kernel] public static void F(Index1D i, ArrayView<float> x, ArrayView<float> y, in ArrayView<float> z) { {{body}} }
            }
            """;
        var compilation = CSharpCompilation.Create(
            "bad", [CSharpSyntaxTree.ParseText(source, path: "k.cs")], CompiledProgram.References(),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        var kernel = KernelSymbols(compilation).Single();
        Assert.That(Lowerer.Lower(kernel, compilation, Scalar.F32, default, out var rejections), Is.Null);
        Assert.That(rejections[0].Rule.Id, Is.EqualTo(id), rejections[0].Message);
        Assert.That(rejections[0].Message, Does.Contain(message));
        Assert.That(rejections[0].Where.SyntaxTree.FilePath, Is.EqualTo("k.cs"));
    }

    private static IEnumerable<IMethodSymbol> KernelSymbols(Compilation compilation) =>
        from tree in compilation.SyntaxTrees
        from method in tree.GetRoot().DescendantNodes().OfType<MethodDeclarationSyntax>()
        where method.AttributeLists.SelectMany(l => l.Attributes).Any(a => a.Name.ToString() == "Kernel")
        select compilation.GetSemanticModel(tree).GetDeclaredSymbol(method)!;
}
