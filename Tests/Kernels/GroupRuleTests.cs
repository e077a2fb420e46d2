using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using MomentumCore.Kernels.Compiler.Ir;
using MomentumCore.Kernels.Compiler.Lowering;
using MomentumCore.Kernels.Compiler.Printers;
using MomentumCore.Kernels.Compiler.Printers.Groups;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Kernels;

/// <summary>What a grouped kernel may and may not say about its group, and what it becomes.</summary>
[TestFixture]
internal sealed class GroupRuleTests
{
    [TestCase("if (Group.IdxX > 0) Group.Barrier();", "Group.IdxX", "Group.Barrier()")]
    [TestCase("if (Grid.GlobalIndex.X < n) Group.Barrier();", "Group.IdxX", "Group.Barrier()")]
    [TestCase("if (x[0] > 0f) Group.Barrier();", "what is read from 'x'", "Group.Barrier()")]
    [TestCase("for (int k = 0; k < Group.IdxY; k++) Group.Barrier();", "Group.IdxY", "Group.Barrier()")]
    [TestCase("int k = 0; while (x[k] > 0f) { k++; Group.Barrier(); }", "what is read from 'x'", "Group.Barrier()")]
    [TestCase("int k = n; if (Group.IdxX == 1) k = 2; if (k > 1) Group.Barrier();", "Group.IdxX", "Group.Barrier()")]
    [TestCase("if (Group.IdxX == n) return; Group.Barrier();", "Group.IdxX", "Group.Barrier()")]
    [TestCase("for (int k = 0; k < n; k++) { if (Group.IdxX == k) continue; Group.Barrier(); }", "Group.IdxX", "Group.Barrier()")]
    [TestCase("for (int k = 0; k < n; k++) { Group.Barrier(); if (x[k] > 0f) break; }", "what is read from 'x'", "Group.Barrier()")]
    [TestCase("bool b = Group.IdxX > 0 && Group.BarrierOr(x[0] > 0f); x[0] = b ? 1f : 0f;", "", "Group.BarrierOr(x[0] > 0f)")]
    [TestCase("if (Twice(Group.IdxX) > n) Group.Barrier();", "Group.IdxX", "Group.Barrier()")]
    [TestCase("if (First(x) > 0f) Group.Barrier();", "what 'First' reads", "Group.Barrier()")]
    [TestCase("for (int k = 0; k < n; k++) { Group.Barrier(); if (k > 3) return; }", "by break", "return;")]
    public void A_barrier_that_some_work_items_may_miss_is_an_error_that_says_on_what_it_depends(
        string body, string cause, string where)
    {
        var rejections = Rejections(body);
        if (cause.Length > 0)
            Assert.That(rejections[0].Rule.Id, Is.EqualTo("MC0013"), rejections[0].Message);
        Assert.That(rejections[0].Message, Does.Contain(cause));
        Assert.That(rejections[0].Where.ToString(), Does.Contain(where));
    }

    [TestCase("if (n > 0) Group.Barrier();")]
    [TestCase("if (Grid.IdxX > Grid.DimX / 2) Group.Barrier();")]
    [TestCase("for (int k = 0; k < n; k += Group.DimX) Group.Barrier();")]
    [TestCase("for (int k = 0; k < x.Length; k++) Group.Barrier();")]
    [TestCase("if (n == 0) return; Group.Barrier();")]
    [TestCase("Group.Barrier(); if (Group.IdxX > 0) return; x[0] = 1f;")]
    [TestCase("while (true) { Group.Barrier(); if (!Group.BarrierOr(x[0] > 0f)) break; }")]
    [TestCase("float limit = Group.Broadcast(x[0], 0); if (limit > 0f) Group.Barrier();")]
    [TestCase("for (int k = 0; k < n; k++) { if (Group.IdxX > k) { for (int j = 0; j < Group.IdxX; j++) { if (j > 3) break; } } Group.Barrier(); }")]
    [TestCase("if (Twice(n) > 4) Group.Barrier();")]
    public void A_barrier_under_a_condition_that_all_share_is_allowed(string body)
    {
        Assert.That(Rejections(body).Select(r => r.Message), Is.Empty);
    }

    [TestCase("var s = SharedMemory.Allocate<float>(n); x[0] = s[0];", "MC0011", "positive constant")]
    [TestCase("var s = SharedMemory.Allocate<float>(0); x[0] = s[0];", "MC0011", "positive constant")]
    [TestCase("for (int k = 0; k < n; k++) { var s = SharedMemory.Allocate<float>(4); x[k] = s[0]; }", "MC0011", "at the top")]
    [TestCase("Early(x);", "MC0015", "returns at its end only")]
    [TestCase("if (Group.IdxX > 0) Waits();", "MC0013", "Group.IdxX")]
    [TestCase("for (int k = 0; k < n; k++) In(x);", "MC0011", "at the top")]
    [TestCase("y[0] = 1f;", "MC0010", "passed with 'in'")]
    [TestCase("p[0, 0] = 1f;", "MC0010", "passed with 'in'")]
    [TestCase("Atomic.Add(ref n, 1);", "MC0015", "an element of a view")]
    public void Shared_memory_and_helpers_have_rules(string body, string id, string message)
    {
        var rejections = Rejections(body);
        Assert.That(rejections[0].Rule.Id, Is.EqualTo(id), rejections[0].Message);
        Assert.That(rejections[0].Message, Does.Contain(message));
    }

    [Test]
    public void A_kernel_with_an_index_has_no_group()
    {
        var rejections = Rejections("Group.Barrier();", "Index1D i, ");
        Assert.That(rejections[0].Rule.Id, Is.EqualTo("MC0012"));
        Assert.That(rejections[0].Where.ToString(), Is.EqualTo("Group.Barrier()"));
    }

    [Test]
    public void A_grouped_kernel_becomes_loops_from_barrier_to_barrier_and_OpenCL_with_local_memory()
    {
        var tree = Lower(
            "var s = SharedMemory.Allocate<float>(8); float t = x[Group.IdxX]; s[Group.IdxX] = t; " +
            "for (int k = 1; k < n; k++) { Group.Barrier(); t = t + s[k]; } x[Group.IdxX] = t;",
            "",
            out _)!;
        string group = GroupPrinter.Members(tree);
        // k is counted once for the group, t is kept for each work item from one loop over them to the next.
        Assert.That(group, Does.Contain("while ((k__once < n))"));
        Assert.That(group, Does.Contain("var t__all = (float*)memory__;"));
        Assert.That(group.Split("for (int groupIndexX__").Length - 1, Is.EqualTo(3));
        string text = OpenClPrinter.Print(tree);
        Assert.That(text, Does.Contain("__local float s_[8];"));
        Assert.That(text, Does.Contain("barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);"));
        Assert.That(text, Does.Not.Contain("launch_count"));
    }

    [Test]
    public void A_helper_that_speaks_of_its_group_is_written_into_the_kernel_and_others_are_called()
    {
        var tree = Lower("In(x); x[0] = x[1] + First(x) + Twice(n); Group.Barrier(); In(x);", "", out var rejections)!;
        Assert.That(rejections.Select(r => r.Message), Is.Empty);
        Assert.That(tree.Helpers.Select(h => h.Name), Is.EquivalentTo(new[] { "First", "Twice" }));
        string text = OpenClPrinter.Print(tree);
        Assert.That(text.Split("__local float s").Length - 1, Is.EqualTo(2), "each call has its memory");
        Assert.That(text.Split("barrier(").Length - 1, Is.EqualTo(3));
        Assert.That(
            Rejections("Group.Barrier(); In(x);", "Index1D i, ").Select(r => (r.Rule.Id, r.Where.ToString())),
            Does.Contain(("MC0012", "Group.Barrier()")).And.Contain(("MC0012", "Group.IdxX")));
    }

    [Test]
    public void Dynamic_memory_is_an_argument_of_the_OpenCL_kernel()
    {
        var tree = Lower("var s = SharedMemory.GetDynamic<float>(); x[0] = s.IntLength;", "", out _)!;
        Assert.That(
            OpenClPrinter.Print(tree), Does.Contain("__local char* launch_dynamic, long launch_dynamic_bytes)"));
    }

    private static IReadOnlyList<KernelRejection> Rejections(string body, string index = "")
    {
        Lower(body, index, out var rejections);
        return rejections;
    }

    private static KernelTree? Lower(string body, string index, out IReadOnlyList<KernelRejection> rejections)
    {
        string source = $$"""
            using System;
            using MomentumCore.Kernels.Dialect;
            public static partial class K
            {
                static int Twice(int v) => 2 * v;
                static float First(ArrayView<float> v) => v[0];
                static void In(ArrayView<float> v) { var s = SharedMemory.Allocate<float>(4); s[0] = 1f; Group.Barrier(); v[Group.IdxX] = s[0]; }
                static void Waits() => Group.Barrier();
                static float Early(ArrayView<float> v) { if (v[0] > 0f) return Group.IdxX; return 1f; }
                [Kernel] public static void F({{index}}ArrayView<float> x, int n, in ArrayView<float> y, in ArrayView2D<float, Stride2D.DenseX> p) { {{body}} }
            }
            """;
        var compilation = CSharpCompilation.Create(
            "k", [CSharpSyntaxTree.ParseText(source, path: "k.cs")], CompiledProgram.References(),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        Assert.That(compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error), Is.Empty);
        var method = compilation.SyntaxTrees[0].GetRoot().DescendantNodes().OfType<MethodDeclarationSyntax>().Single(
            m => m.Identifier.Text == "F");
        var kernel = compilation.GetSemanticModel(compilation.SyntaxTrees[0]).GetDeclaredSymbol(method)!;
        return Lowerer.Lower(kernel, compilation, Scalar.F32, default, out rejections);
    }
}
