using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using MomentumCore.Kernels.Compiler.Ir;

namespace MomentumCore.Kernels.Compiler.Lowering;

/// <summary>
/// Helper methods that speak of their group (its places, barriers, shared memory) are written into the kernel where they
/// are called: a group is cut at the barriers that are seen there.
/// </summary>
internal sealed partial class Lowerer
{
    private readonly Dictionary<IMethodSymbol, bool> _speakers = new(SymbolEqualityComparer.Default);

    // Where the kernel calls the helper that is being written into it: a mistake with barriers is made there.
    private IInvocationOperation? _site;

    /// <summary>Whether a method says Group, Grid or SharedMemory, or calls one that does.</summary>
    private bool SpeaksOfGroup(IMethodSymbol method)
    {
        if (_speakers.TryGetValue(method, out bool known))
            return known;
        _speakers[method] = false; // for one that calls itself, which is refused elsewhere
        return _speakers[method] = Operations(method).SelectMany(o => o.DescendantsAndSelf()).Any(o => o switch
        {
            IPropertyReferenceOperation property => IsGroup(property.Property.ContainingType),
            IInvocationOperation { TargetMethod: var called } => IsGroup(called.ContainingType) || (!IsLibrary(called) && SpeaksOfGroup(called)),
            _ => false,
        });
    }

    private static bool IsGroup(ISymbol? owner) =>
        TypeRules.IsDialect(owner, "Group") || TypeRules.IsDialect(owner, "Grid") || TypeRules.IsDialect(owner, "SharedMemory");

    private static bool IsLibrary(IMethodSymbol method) =>
        method.DeclaringSyntaxReferences.IsEmpty || method.ContainingNamespace?.ToDisplayString() == TypeRules.Dialect;

    /// <summary>The statements of a method in this project.</summary>
    private ImmutableArray<IOperation> Operations(IMethodSymbol method)
    {
        var syntax = method.DeclaringSyntaxReferences[0].GetSyntax(_cancel);
        var body = DialectSource.Owner(_compilation, syntax.SyntaxTree).GetSemanticModel(syntax.SyntaxTree).GetOperation(syntax, _cancel) as IMethodBodyOperation;
        return (body?.BlockBody ?? body?.ExpressionBody)?.Operations ?? [];
    }

    /// <summary>Writes a helper's steps here; gives what it returns, or a group of nothing.</summary>
    private Lowered Inlined(IInvocationOperation call, IMethodSymbol method, ImmutableArray<Stmt>.Builder steps)
    {
        RequireNoAlias(call);
        // A method that changes its struct changes the caller's.
        var self = call.Instance == null ? null
            : IsWritable(call.Instance) ? Lower(call.Instance, steps) : Name("self", Lower(call.Instance, steps), steps);
        // All are computed before one is bound: an argument may itself be a call of this helper.
        var arguments = call.Arguments
            .Select(a => (Parameter: method.Parameters[a.Parameter!.Ordinal], Value: InlinedArgument(a, method, steps))).ToList();
        foreach (var (parameter, value) in arguments)
            _frame.Bind(parameter, value);
        var (outer, site) = (_frame.This, _site);
        _site ??= call;
        bool wasLeft = _frame.IsDialect;
        _frame.This = self;
        _frame.IsDialect = wasLeft || !IsCopied(method.ContainingType) || TypeRules.IsForBoth(method);
        _open.Push(method);
        try
        {
            return InlinedBody(Operations(method), steps);
        }
        finally
        {
            _open.Pop();
            (_frame.This, _frame.IsDialect, _site) = (outer, wasLeft, site);
        }
    }

    private Lowered InlinedArgument(IArgumentOperation argument, IMethodSymbol method, ImmutableArray<Stmt>.Builder steps)
    {
        if (argument.Parameter!.RefKind is RefKind.Out or RefKind.Ref)
            return OutPlace(argument.Value, steps);
        // A local of its own, which the helper may change.
        var value = Name(argument.Parameter.Name, Given(argument, method, steps), steps);
        return value is LoweredView view ? view with { IsReadOnly = view.IsReadOnly || argument.Parameter.RefKind == RefKind.In } : value;
    }

    private Lowered InlinedBody(ImmutableArray<IOperation> body, ImmutableArray<Stmt>.Builder steps)
    {
        Lowered result = new LoweredGroup([]);
        foreach (var operation in body)
        {
            if (operation is IReturnOperation end && operation == body[body.Length - 1])
            {
                if (end.ReturnedValue != null)
                    result = Name("result", Lower(end.ReturnedValue, steps), steps);
                continue;
            }

            if (operation.DescendantsAndSelf().OfType<IReturnOperation>().FirstOrDefault() is { } early)
                throw Unsupported(early, "a helper method with Group, Grid or SharedMemory in it returns at its end only; keep the result in a local until then");
            Statement(operation, steps);
        }

        return result;
    }
}
