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
    private static readonly Lazy<CSharpCompilation> Library = new(() => CSharpCompilation.Create(
        "library",
        Repository.Files("*.cs", "Kernels/Library").Concat(Repository.Files("*.cs", "Kernels/Dialect"))
            .Select(f => CSharpSyntaxTree.ParseText(File.ReadAllText(f), path: f))
            .Append(CSharpSyntaxTree.ParseText("global using System; global using System.Linq; global using System.Collections.Generic;")),
        CompiledProgram.References(),
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true)));

    private static IEnumerable<string> LibraryKernels() => KernelSymbols(Library.Value).Select(m => $"{m.ContainingType.Name}.{m.Name}");

    [TestCaseSource(nameof(LibraryKernels))]
    public void Every_kernel_of_the_library_is_in_the_kernel_language(string name)
    {
        var kernel = KernelSymbols(Library.Value).First(m => $"{m.ContainingType.Name}.{m.Name}" == name);
        foreach (var form in new[] { Scalar.F32, Scalar.F64 })
        {
            var tree = Lowerer.Lower(kernel, Library.Value, form, default, out var rejections);
            Assert.That(rejections.Select(r => $"{r.Rule.Id} {r.Where.GetLocation().GetLineSpan()}: {r.Message}"), Is.Empty);
            Assert.That(OpenClPrinter.Print(tree!), Does.Contain($"__kernel void {kernel.Name}("));
        }
    }

    private static IEnumerable<IMethodSymbol> KernelSymbols(Compilation compilation) =>
        from tree in compilation.SyntaxTrees
        from method in tree.GetRoot().DescendantNodes().OfType<MethodDeclarationSyntax>()
        where method.AttributeLists.SelectMany(l => l.Attributes).Any(a => a.Name.ToString() == "Kernel")
        select compilation.GetSemanticModel(tree).GetDeclaredSymbol(method)!;
}
