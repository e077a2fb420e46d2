using Microsoft.CodeAnalysis;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Kernels;

/// <summary>An edit makes those kernels again that it concerns, and no others.</summary>
[TestFixture]
internal sealed class KernelEditTests
{
    [TestCase("Other.cs", "void Run() { }", "void Run() { int a = 1; }")]
    [TestCase("Other.cs", "void Run() { }", "int _field; void Run() { } void Walk() { }")]
    [TestCase("Other.cs", "class Other", "/* words */ class Other")]
    [TestCase("Shared.cs", "float Other(float x) => x;", "float Other(float x) => 3f * x;")]
    [TestCase("K3.cs", "namespace Many;", "// words\n\nnamespace   Many;")]
    public void An_edit_that_concerns_no_kernel_makes_none_again(string path, string from, string to)
    {
        var project = KernelProject.OfTensOfKernels(10);
        var reasons = project.Edit(path, from, to);
        Assert.That(reasons, Has.Count.EqualTo(100));
        Assert.That(reasons, Is.All.EqualTo(IncrementalStepRunReason.Cached));
        Assert.That(project.Text("K3.F7"), Is.EqualTo(project.FreshText("K3.F7")));
    }

    [TestCase("K3.cs", "+ 7f;", "+ 7.5f;", 1, "K3.F7", TestName = "A kernel's body")]
    [TestCase("K3.cs", "void F7(Index1D i, ArrayView<float> x", "void F7(Index1D i, in ArrayView<float> x", 10, "K3.F7", TestName = "A kernel's parameters")]
    [TestCase("K3.cs", "=> Scale * x", "=> Scale + x", 6, "K3.F7", TestName = "A helper of the class")]
    [TestCase("K3.cs", "Scale = 3.5f", "Scale = 2.5f", 10, "K3.F7", TestName = "A constant of the class")]
    [TestCase("Shared.cs", "=> 2f * x", "=> x + x", 20, "K3.F2", TestName = "A helper elsewhere")]
    [TestCase("Shared.cs", "Half = 0.5f", "Half = 0.25f", 40, "K3.F7", TestName = "A constant elsewhere")]
    [TestCase("Other.cs", "class Other", "namespace Many { static class XMath { public static float Exp(float x) => x; public static double Exp(double x) => x; } }\nclass Other", 40, "K3.F7", TestName = "A type that hides another")]
    public void An_edit_makes_the_kernels_again_that_it_concerns(
        string path, string from, string to, int count, string kernel)
    {
        var project = KernelProject.OfTensOfKernels(4);
        string before = project.Text(kernel);
        var reasons = project.Edit(path, from, to);
        Assert.That(reasons.Count(r => r != IncrementalStepRunReason.Cached), Is.EqualTo(count));
        Assert.That(project.Text(kernel), Is.Not.EqualTo(before));
        Assert.That(project.Text(kernel), Is.EqualTo(project.FreshText(kernel)));
        // The next edit compares with what was made last.
        Assert.That(
            project.Edit("Other.cs", "void Run() { }", "void Run() { ; }"),
            Is.All.EqualTo(IncrementalStepRunReason.Cached));
    }

    [Test]
    public void A_kernel_that_moves_keeps_its_text_but_for_its_line()
    {
        var project = KernelProject.OfTensOfKernels(4);
        string before = project.Text("K3.F7");
        Assert.That(
            project.Edit("K3.cs", "namespace Many;", "\n\nnamespace Many;"),
            Is.All.EqualTo(IncrementalStepRunReason.Cached));
        string after = project.Text("K3.F7");
        Assert.That(after, Is.Not.EqualTo(before));
        Assert.That(after, Is.EqualTo(project.FreshText("K3.F7")));
        Assert.That(after.Replace("K3.cs:53", "K3.cs:51", StringComparison.Ordinal), Is.EqualTo(before));
    }

    [Test]
    public void A_kernel_with_an_error_is_looked_at_again()
    {
        var project = KernelProject.OfTensOfKernels(4);
        Assert.That(
            project.Edit("K3.cs", "+ 7f;", "+ \"\".Length;").Count(r => r != IncrementalStepRunReason.Cached),
            Is.EqualTo(1));
        Assert.That(
            project.Edit("Other.cs", "void Run() { }", "void Run() { ; }")
                .Count(r => r != IncrementalStepRunReason.Cached),
            Is.EqualTo(1));
        Assert.That(
            project.Edit("K3.cs", "+ \"\".Length;", "+ 8f;").Count(r => r != IncrementalStepRunReason.Cached),
            Is.EqualTo(1));
        Assert.That(project.Text("K3.F7"), Is.EqualTo(project.FreshText("K3.F7")));
    }
}
