using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace MomentumCore.Kernels.Compiler.Lowering;

/// <summary>Says in words of C# what is not part of the kernel language, and what to write instead.</summary>
internal static class Words
{
    private const int MostQuoted = 40;

    public static string Of(IOperation operation) => operation switch
    {
        IForEachLoopOperation => "foreach is not part of the kernel language; count with for and index the view",
        ILabeledOperation or IBranchOperation => "goto is not part of the kernel language; use a loop, or if and else",
        ILockOperation => "lock is not part of the kernel language; use Atomic",
        IUsingOperation or IUsingDeclarationOperation => "using is not part of the kernel language: a kernel holds nothing that must be given back",
        ITupleBinaryOperation => "comparing tuples is not part of the kernel language; compare their parts",
        ICoalesceOperation or IConditionalAccessOperation => "null is not part of the kernel language; pass a flag",
        IArrayElementReferenceOperation => $"'{Quoted(operation.Syntax)}': a kernel has no arrays; use a view, LocalMemory or SharedMemory",
        IAwaitOperation => "await is not part of the kernel language",
        { Syntax: FixedStatementSyntax or PrefixUnaryExpressionSyntax or ElementAccessExpressionSyntax or MemberAccessExpressionSyntax } =>
            $"'{Quoted(operation.Syntax)}' is not part of the kernel language; a kernel reaches memory through views, not pointers",
        _ => $"'{Quoted(operation.Syntax)}' is not part of the kernel language",
    };

    private static string Quoted(SyntaxNode node)
    {
        string text = string.Join(" ", node.ToString().Split([' ', '\r', '\n', '\t'], System.StringSplitOptions.RemoveEmptyEntries));
        return text.Length <= MostQuoted ? text : text.Substring(0, MostQuoted) + "…";
    }
}
