using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace MomentumCore.Kernels.Compiler.Rules;

/// <summary>The rules for what a kernel may say. Ids are stable; docs/diagnostics has a page for each.</summary>
internal static class KernelRule
{
    public static readonly DiagnosticDescriptor Declaration = Make(1, "Not a kernel");
    public static readonly DiagnosticDescriptor ReferenceType = Make(2, "A kernel holds no references");
    public static readonly DiagnosticDescriptor Text = Make(3, "A kernel has no strings");
    public static readonly DiagnosticDescriptor Allocation = Make(4, "A kernel does not allocate");
    public static readonly DiagnosticDescriptor Exception = Make(5, "A kernel does not throw");
    public static readonly DiagnosticDescriptor Recursion = Make(6, "A kernel does not recurse");
    public static readonly DiagnosticDescriptor IndirectCall = Make(7, "A kernel calls static methods only");
    public static readonly DiagnosticDescriptor UnknownMethod = Make(8, "A method that no device has");
    public static readonly DiagnosticDescriptor CapturedState = Make(9, "A kernel reads its parameters only");
    public static readonly DiagnosticDescriptor ReadOnlyView = Make(10, "A view that is only read");
    public static readonly DiagnosticDescriptor ArraySize = Make(11, "Shared and local memory has a constant size");
    public static readonly DiagnosticDescriptor Grouped = Make(12, "Only a grouped kernel knows its group");
    public static readonly DiagnosticDescriptor DivergentBarrier = Make(13, "Not every work item reaches this barrier");
    public static readonly DiagnosticDescriptor NestedAssignment = Make(14, "An assignment is a statement of its own");
    public static readonly DiagnosticDescriptor Unsupported = Make(15, "Not part of the kernel language");
    public static readonly DiagnosticDescriptor Parameter = Make(16, "A parameter that no device can be handed");
    public static readonly DiagnosticDescriptor NoVectors = Make(17, "A kernel without a SIMD form", DiagnosticSeverity.Info);
    public static readonly DiagnosticDescriptor DoubleOnFloat = Make(18, "A float kernel that computes in double", DiagnosticSeverity.Info);

    public static readonly DiagnosticDescriptor NoDoubleForm = Make(19, "A kernel without the other forms");

    public static readonly DiagnosticDescriptor NoPointers = Make(20, "A project without pointers");

    public static ImmutableArray<DiagnosticDescriptor> All { get; } =
    [
        Declaration, ReferenceType, Text, Allocation, Exception, Recursion, IndirectCall, UnknownMethod, CapturedState, ReadOnlyView,
        ArraySize, Grouped, DivergentBarrier, NestedAssignment, Unsupported, Parameter, NoVectors, DoubleOnFloat, NoDoubleForm,
        NoPointers,
    ];

    // An error here cannot be switched off: without its launchers nothing that uses the kernel would compile.
    private static DiagnosticDescriptor Make(int number, string title, DiagnosticSeverity severity = DiagnosticSeverity.Error) => new(
        $"MC{number:0000}", title, "{0}", "Kernels", severity, isEnabledByDefault: true,
        description: RulePage.Explanation(number),
        // A place in the sources, not an address: nothing here knows where they are published.
        helpLinkUri: RulePage.Place(number),
        customTags: severity == DiagnosticSeverity.Error ? [WellKnownDiagnosticTags.NotConfigurable] : []);
}
