using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using MomentumCore.Kernels.CodeFixes;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Kernels;

/// <summary>What the editor offers, and that it puts the kernel right.</summary>
[TestFixture]
internal sealed class KernelCodeFixTests
{
    [TestCase("y[i] = MathF.Sin(x[i]);", "Use XMath.Sin", "y[i] = XMath.Sin(x[i]);")]
    [TestCase("y[i] = (float)Math.Exp(x[i]);", "Use XMath.Exp", "y[i] = (float)XMath.Exp(x[i]);")]
    [TestCase("y[i] = Math.Clamp(x[i], 0f, 1f);", "Use Min and Max", "y[i] = Math.Min(Math.Max(x[i], 0f), 1f);")]
    [TestCase("y[i] = MathF.FusedMultiplyAdd(x[i], 1f + x[i], 2f);", "Multiply, then add", "y[i] = ((x[i] * (1f + x[i])) + 2f);")]
    [TestCase("y[i] = (float)Math.Sqrt(x[i]);", "Use MathF.Sqrt", "y[i] = (float)MathF.Sqrt(x[i]);")]
    public void The_editor_offers_the_right_way(string wrong, string title, string right)
    {
        string Source(string body) => Analyzed.Class($"[Kernel] public static void F(Index1D i, ArrayView<float> x, ArrayView<float> y) {{ {body} }}");
        var (offered, changed) = Fix(Source(wrong));
        Assert.That(offered, Is.EqualTo(title));
        Assert.That(changed, Is.EqualTo(Source(right)));
        Assert.That(Analyzed.Messages(changed), Is.Empty);
        Assert.That(Analyzed.CompilerErrors(changed), Is.Empty);
    }

    [Test]
    public void A_class_becomes_partial()
    {
        string Source(string type) =>
            $"using MomentumCore.Kernels.Dialect;\npublic static {type} K {{ [Kernel] public static void F(Index1D i, ArrayView<float> x) => x[i] = 1f; }}";
        Assert.That(Fix(Source("class")), Is.EqualTo(("Add 'partial'", Source("partial class"))));
    }

    [Test]
    public void A_view_may_be_written()
    {
        string Source(string modifier) => Analyzed.Class($"[Kernel] public static void F(Index1D i, {modifier}ArrayView<float> x) => x[i] = 1f;");
        Assert.That(Fix(Source("in ")), Is.EqualTo(("Drop 'in'", Source(""))));
    }

    [Test]
    public void Where_no_way_is_mechanical_nothing_is_offered()
    {
        string source = Analyzed.Class("[Kernel] public static void F(Index1D i, ArrayView<float> x) => x[i] = MathF.Cbrt(x[i]);");
        Assert.That(Offers(source, out _), Is.Empty);
    }

    private static (string Title, string Text) Fix(string source)
    {
        var action = Offers(source, out var workspace).Single();
        using (workspace)
        {
            var operation = action.GetOperationsAsync(default).GetAwaiter().GetResult().OfType<ApplyChangesOperation>().Single();
            var document = operation.ChangedSolution.Projects.Single().Documents.Single();
            return (action.Title, document.GetTextAsync().GetAwaiter().GetResult().ToString());
        }
    }

    private static List<CodeAction> Offers(string source, out AdhocWorkspace workspace)
    {
        workspace = new AdhocWorkspace();
        var project = workspace.AddProject("fixed", LanguageNames.CSharp)
            .WithMetadataReferences(CompiledProgram.References())
            .WithCompilationOptions(new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));
        var document = project.AddDocument("k.cs", source);
        var compilation = document.Project.GetCompilationAsync().GetAwaiter().GetResult()!;
        var offers = new List<CodeAction>();
        var provider = new KernelCodeFix();
        foreach (var diagnostic in Analyzed.Messages(compilation).Where(d => provider.FixableDiagnosticIds.Contains(d.Id)))
            provider.RegisterCodeFixesAsync(new CodeFixContext(document, diagnostic, (action, _) => offers.Add(action), default)).GetAwaiter().GetResult();
        return offers;
    }
}
