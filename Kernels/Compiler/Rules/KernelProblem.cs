using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace MomentumCore.Kernels.Compiler.Rules;

/// <summary>A broken rule, comparable by value so that the generator's cache can tell old from new.</summary>
internal sealed record KernelProblem(DiagnosticDescriptor Rule, string Message, string Path, TextSpan Span, LinePositionSpan Lines)
{
    public static KernelProblem From(Diagnostic diagnostic) => new(
        diagnostic.Descriptor, diagnostic.GetMessage(), diagnostic.Location.SourceTree?.FilePath ?? "", diagnostic.Location.SourceSpan,
        diagnostic.Location.GetLineSpan().Span);

    public Diagnostic ToDiagnostic() => Diagnostic.Create(Rule, Location.Create(Path, Span, Lines), Message);
}
