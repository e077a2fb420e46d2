using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

namespace MomentumCore.Kernels.Compiler.Ir;

/// <summary>Questions about a whole kernel: what does it use anywhere?</summary>
internal static class Types
{
    public static bool Uses(KernelTree kernel, Scalar type) =>
        kernel.Parameters.Any(p => p is ValueParameter v && v.Type == type || p is ViewParameter w && w.View.Element == type)
        || Expressions(kernel).Any(e => e.Type == type);

    public static bool UsesAtomics64(KernelTree kernel) => Atomics(kernel).Any(a => a.Type.Bytes() == 8);

    public static IEnumerable<(IntrinsicKind Kind, Scalar Type)> Intrinsics(KernelTree kernel) =>
        Expressions(kernel).OfType<Intrinsic>().Select(i => (i.Kind, i.Arguments[0].Type));

    public static IEnumerable<AtomicOp> Atomics(KernelTree kernel) => Expressions(kernel).OfType<AtomicOp>();

    public static IEnumerable<GroupOp> GroupOps(KernelTree kernel) => Expressions(kernel).OfType<GroupOp>();

    /// <summary>Whether it is an integer division that some operands make impossible: by 0, or of the smallest number by −1.</summary>
    public static bool CanFault(Expr value) =>
        value is Binary { Kind: BinaryKind.Divide or BinaryKind.Remainder } division && division.Type.IsInteger()
        && !(division.Right is Constant { Value: not 0 and not 0L and not 0u and not 0ul and not -1 and not -1L });

    /// <summary>Whether anything in the expression <see cref="CanFault"/>.</summary>
    public static bool HasFault(Expr value) => Within(value).Any(CanFault);

    public static IEnumerable<DeclareArray> Shared(IEnumerable<Stmt> body) =>
        Statements(body).OfType<DeclareArray>().Where(d => d.View.Space == Space.Shared);

    /// <summary>Whether a work item has arrays of its own.</summary>
    public static bool UsesPrivateArrays(KernelTree kernel) =>
        Bodies(kernel).SelectMany(b => Statements(b)).OfType<DeclareArray>().Any(d => d.View.Space == Space.Private);

    public static IEnumerable<View> DynamicShared(KernelTree kernel) =>
        Bodies(kernel).SelectMany(b => Statements(b)).OfType<DeclareArray>().Where(d => d.View.Space == Space.DynamicShared).Select(d => d.View);

    /// <summary>Every expression anywhere in a kernel and its helpers, inner ones too.</summary>
    public static IEnumerable<Expr> Expressions(KernelTree kernel) => Bodies(kernel).SelectMany(b => Statements(b)).SelectMany(Direct).SelectMany(Within);

    /// <summary>Every statement, inner ones too.</summary>
    public static IEnumerable<Stmt> Statements(IEnumerable<Stmt> body)
    {
        foreach (var step in body)
        {
            yield return step;
            IEnumerable<Stmt> inner = step switch
            {
                If i => i.Then.Concat(i.Else),
                Loop l => l.Before.Concat(l.Step).Concat(l.Body),
                _ => [],
            };
            foreach (var s in Statements(inner))
                yield return s;
        }
    }

    /// <summary>The expressions that a statement holds itself.</summary>
    public static IEnumerable<Expr> Direct(Stmt step) => step switch
    {
        Declare { Value: { } v } => [v],
        DeclareView d => [d.Offset, d.Length],
        Assign a => [a.Target, a.Value],
        If i => [i.Condition],
        Loop { Condition: { } c } => [c],
        Return { Value: { } v } => [v],
        Evaluate e => [e.Value],
        _ => [],
    };

    /// <summary>An expression and all inside it.</summary>
    public static IEnumerable<Expr> Within(Expr value)
    {
        yield return value;
        IEnumerable<Expr> inner = value switch
        {
            Load l => [l.Index],
            Unary u => [u.Operand],
            Binary b => [b.Left, b.Right],
            Select s => [s.Condition, s.WhenTrue, s.WhenFalse],
            Convert c => [c.Operand],
            Intrinsic i => i.Arguments,
            Call c => c.Arguments.OfType<ValueArgument>().Select(a => a.Value),
            AtomicOp a => [a.Place, .. a.Arguments],
            GroupOp g => g.Arguments,
            _ => [],
        };
        foreach (var e in inner.SelectMany(Within))
            yield return e;
    }

    /// <summary>The names of locals, parameters and views, those of helpers too.</summary>
    public static IEnumerable<string> Names(KernelTree kernel)
    {
        var parameters = kernel.Parameters.Concat(kernel.Helpers.SelectMany(h => h.Parameters)).Select(p => p.Name);
        var locals = Bodies(kernel).SelectMany(b => Statements(b)).SelectMany<Stmt, string>(s => s switch
        {
            Declare d => [d.Variable.Name],
            DeclareView d => [d.View.Name],
            DeclareArray d => [d.View.Name],
            _ => [],
        });
        return parameters.Concat(locals).Append(kernel.Index ?? "");
    }

    private static IEnumerable<ImmutableArray<Stmt>> Bodies(KernelTree kernel) => [kernel.Body, .. kernel.Helpers.Select(h => h.Body)];
}
