using System;
using Microsoft.CodeAnalysis;

namespace MomentumCore.Kernels.Compiler.Lowering;

/// <summary>Ends the lowering of one statement: something in it is not part of the kernel language.</summary>
/// <param name="rule">The rule that is broken.</param>
/// <param name="where">The offending expression.</param>
/// <param name="message">What is wrong, and what to do.</param>
/// <param name="isEcho">Whether it only follows from another mistake, which has been reported.</param>
internal sealed class KernelRejection(DiagnosticDescriptor rule, SyntaxNode where, string message, bool isEcho = false) : Exception(message)
{
    public bool IsEcho { get; } = isEcho;

    public DiagnosticDescriptor Rule { get; } = rule;

    public SyntaxNode Where { get; } = where;
}
