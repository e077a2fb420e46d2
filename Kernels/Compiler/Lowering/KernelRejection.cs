using System;
using Microsoft.CodeAnalysis;

namespace MomentumCore.Kernels.Compiler.Lowering;

/// <summary>Ends the lowering of one statement: something in it is not part of the kernel language.</summary>
internal sealed class KernelRejection(DiagnosticDescriptor rule, SyntaxNode where, string message) : Exception(message)
{
    public DiagnosticDescriptor Rule { get; } = rule;

    public SyntaxNode Where { get; } = where;
}
