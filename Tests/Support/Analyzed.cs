using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using MomentumCore.Kernels.Compiler;

namespace MomentumCore.Tests.Support;

/// <summary>What the kernel analyzer says about a source text.</summary>
internal static class Analyzed
{
    /// <summary>A class K with what kernels need around them.</summary>
    public static string Class(string members) =>
        $$"""
        using System;
        using System.Collections.Generic;
        using System.Numerics;
        using MomentumCore.Kernels.Devices;
        using MomentumCore.Kernels.Dialect;

        public static partial class K
        {
        {{members}}
        }
        """;

    /// <summary>The messages of the kernel rules, in the order of the text.</summary>
    public static IReadOnlyList<Diagnostic> Messages(string source) => Messages(Compilation(source));

    public static IReadOnlyList<Diagnostic> Messages(Compilation compilation) =>
        [.. compilation.WithAnalyzers([new KernelAnalyzer()]).GetAnalyzerDiagnosticsAsync().GetAwaiter().GetResult().OrderBy(d => d.Location.SourceSpan.Start)];

    /// <summary>The errors of the C# compiler, with what the generator adds.</summary>
    public static ImmutableArray<Diagnostic> CompilerErrors(string source, bool allowUnsafe = true)
    {
        CSharpGeneratorDriver.Create(new KernelGenerator())
            .RunGeneratorsAndUpdateCompilation(Compilation(source, allowUnsafe), out var compilation, out _);
        return [.. compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error)];
    }

    public static CSharpCompilation Compilation(string source, bool allowUnsafe = true) => CSharpCompilation.Create(
        "analyzed", [CSharpSyntaxTree.ParseText(source, path: "k.cs")], CompiledProgram.References(),
        new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary,
            allowUnsafe: allowUnsafe,
            nullableContextOptions: NullableContextOptions.Enable));
}
