using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using MomentumCore.Kernels.Compiler.Groups;
using MomentumCore.Kernels.Compiler.Ir;
using MomentumCore.Kernels.Compiler.Rules;

namespace MomentumCore.Kernels.Compiler.Lowering;

/// <summary>Turns a kernel's C# into the small typed tree that every printer and check reads.</summary>
/// <remarks>
/// Roslyn has parsed and typed the source; its operations are walked once. A statement that is not part of the kernel
/// language becomes a rejection and the walk goes on with the next, so that one build shows all mistakes.
/// </remarks>
internal sealed partial class Lowerer
{
    private readonly Compilation _compilation;
    private readonly Scalar _form;
    private readonly INamedTypeSymbol _class;
    private readonly bool _alsoDouble;
    private readonly CancellationToken _cancel;
    private readonly List<KernelRejection> _rejections = [];
    private readonly List<KernelRejection> _echoes = [];
    private readonly Dictionary<string, Helper> _helpers = [];
    private readonly List<Helper> _helperOrder = [];
    private readonly Stack<IMethodSymbol> _open = new();
    private bool _isGrouped;
    private int _depth;
    private Frame _frame = new();

    private Lowerer(INamedTypeSymbol kernels, Compilation compilation, Scalar form, bool alsoDouble, CancellationToken cancel)
    {
        _class = kernels;
        _alsoDouble = alsoDouble;
        _compilation = compilation;
        _form = form;
        _cancel = cancel;
    }

    /// <summary>The tree of a kernel, or null and the reasons why there is none.</summary>
    /// <param name="kernel">The kernel, written for float.</param>
    /// <param name="compilation">Where it stands.</param>
    /// <param name="form">What float becomes: F32, F64, I32 or I64.</param>
    /// <param name="cancel">Ends the work when the editor has moved on.</param>
    /// <param name="rejections">What is not part of the kernel language.</param>
    /// <param name="alsoDouble">Whether to reject what has no double form.</param>
    public static KernelTree? Lower(
        IMethodSymbol kernel, Compilation compilation, Scalar form, CancellationToken cancel, out IReadOnlyList<KernelRejection> rejections,
        bool alsoDouble = false)
    {
        var lowerer = new Lowerer(kernel.ContainingType, compilation, form, alsoDouble, cancel);
        rejections = lowerer._rejections;
        try
        {
            var tree = lowerer.Kernel(kernel);
            if (lowerer._rejections.Count == 0)
                lowerer._rejections.AddRange(lowerer._echoes);
            return lowerer._rejections.Count == 0 ? tree : null;
        }
        catch (KernelRejection rejection)
        {
            lowerer._rejections.Add(rejection);
            return null;
        }
    }

    private KernelTree Kernel(IMethodSymbol kernel)
    {
        _open.Push(kernel);
        int axes = TypeRules.AxesOf(kernel);
        _isGrouped = axes == 0;
        string? index = null;
        var parameters = ImmutableArray.CreateBuilder<Parameter>();
        var start = ImmutableArray.CreateBuilder<Stmt>();
        foreach (var parameter in kernel.Parameters)
        {
            string name = _frame.Fresh(parameter.Name);
            if (axes > 0 && parameter.Ordinal == 0)
            {
                index = name;
                _frame.Bind(parameter, axes == 1 ? new LoweredValue(new Var(name, Scalar.I32)) : Axes(axes, name, parameters, start));
                continue;
            }

            _frame.Bind(parameter, KernelParameter(parameter.Type, name, parameter.Name, Where(parameter), parameter.RefKind == RefKind.In, parameters));
        }

        start.AddRange(Body(kernel));
        if (_isGrouped)
            OwnCopies(parameters, start);
        var tree = new KernelTree(kernel.Name, index, parameters.ToImmutable(), start.ToImmutable(), [.. _helperOrder]);
        if (_isGrouped)
            _rejections.AddRange(BarrierRule.Check(tree));
        return tree;
    }

    /// <summary>A parameter that is assigned to is a local of each work item: a group that runs in one thread has many.</summary>
    private void OwnCopies(ImmutableArray<Parameter>.Builder parameters, ImmutableArray<Stmt>.Builder steps)
    {
        var written = new HashSet<string>(Types.Statements(steps).SelectMany(GroupPlan.Written));
        int copies = 0;
        for (int i = 0; i < parameters.Count; i++)
        {
            if (parameters[i] is not ValueParameter value || !written.Contains(value.Name))
                continue;
            var given = value with { Name = _frame.Fresh($"{value.Name}_given") };
            parameters[i] = given;
            steps.Insert(copies++, new Declare(new Var(value.Name, value.Type), new Var(given.Name, value.Type)));
        }
    }

    /// <summary>Work items of a plane or a box are numbered, X fastest; the index is found from the number.</summary>
    private LoweredGroup Axes(
        int axes, string number, ImmutableArray<Parameter>.Builder parameters, ImmutableArray<Stmt>.Builder start)
    {
        var parts = ImmutableArray.CreateBuilder<(string, Lowered)>();
        Expr rest = new Var(number, Scalar.I32);
        for (int axis = 0; axis < axes; axis++)
        {
            string letter = "XYZ".Substring(axis, 1);
            var place = rest;
            if (axis < axes - 1)
            {
                var size = new Var(_frame.Fresh($"{number}_size{letter}"), Scalar.I32);
                parameters.Add(new ValueParameter(size.Name, Scalar.I32, $"extent_.{letter}"));
                var above = new Var(_frame.Fresh($"{number}_above{letter}"), Scalar.I32);
                start.Add(new Declare(above, new Binary(BinaryKind.Divide, rest, size, Scalar.I32)));
                place = new Binary(
                    BinaryKind.Subtract, rest, new Binary(BinaryKind.Multiply, above, size, Scalar.I32), Scalar.I32);
                rest = above;
            }

            var local = new Var(_frame.Fresh($"{number}_{letter}"), Scalar.I32);
            start.Add(new Declare(local, place));
            parts.Add((letter, new LoweredValue(local)));
        }

        return new LoweredGroup(parts.ToImmutable());
    }

    /// <summary>Takes a parameter apart into the values and views that a device can be handed.</summary>
    private Lowered KernelParameter(
        ITypeSymbol type, string name, string path, SyntaxNode where, bool isReadOnly, ImmutableArray<Parameter>.Builder parameters)
    {
        if (TypeRules.IsView(type))
        {
            var view = new View(name, ElementOf(type, where), Space.Global);
            parameters.Add(new ViewParameter(view, path));
            return new LoweredView(view, isReadOnly);
        }

        if (ScalarOf(type) is { } scalar)
        {
            parameters.Add(new ValueParameter(name, scalar, path));
            return new LoweredValue(new Var(name, scalar));
        }

        if (TypeRules.FieldsOf(type) is { Length: > 0 } fields)
        {
            return new LoweredGroup([.. fields.Select(f => (
                f.Name, KernelParameter(f.Type, _frame.Fresh($"{name}_{f.Name}"), $"{path}.{f.Name}", where, isReadOnly, parameters)))]);
        }

        throw new KernelRejection(
            KernelRule.Parameter, where,
            $"no device can be handed '{path}' of type '{type.ToDisplayString()}': pass an ArrayView<T>, a number or a struct of numbers");
    }

    private ImmutableArray<Stmt> Body(IMethodSymbol method)
    {
        var syntax = method.DeclaringSyntaxReferences[0].GetSyntax(_cancel);
        var body = (IMethodBodyOperation)DialectSource.Owner(_compilation, syntax.SyntaxTree).GetSemanticModel(syntax.SyntaxTree).GetOperation(syntax, _cancel)!;
        var steps = ImmutableArray.CreateBuilder<Stmt>();
        Statement((IOperation?)body.BlockBody ?? body.ExpressionBody!, steps);
        return steps.ToImmutable();
    }

    /// <summary>As <see cref="TypeRules.ScalarOf"/>, with float replaced by the form's type. What other classes than the kernel's say is left as it is.</summary>
    private Scalar? ScalarOf(ITypeSymbol? type) =>
        TypeRules.ScalarOf(type) is { } scalar ? scalar == Scalar.F32 && !_frame.IsDialect ? _form : scalar : null;

    private Scalar RequireScalar(ITypeSymbol? type, SyntaxNode where) => ScalarOf(type) ?? throw TypeRules.Reject(type, where);

    private Scalar ElementOf(ITypeSymbol view, SyntaxNode where) => RequireScalar(((INamedTypeSymbol)view).TypeArguments[0], where);

    private SyntaxNode Where(ISymbol symbol) => symbol.DeclaringSyntaxReferences[0].GetSyntax(_cancel);

    private static KernelRejection Unsupported(IOperation at, string message) => new(KernelRule.Unsupported, at.Syntax, message);

    /// <summary>The names and bindings of the function being lowered.</summary>
    private sealed class Frame
    {
        private readonly HashSet<string> _names = [];
        private readonly Dictionary<ISymbol, Lowered> _bindings = new(SymbolEqualityComparer.Default);

        /// <summary>Whether its floats stay floats: XMath has a body for each type, and what other classes say is not made anew.</summary>
        public bool IsDialect { get; set; }

        /// <summary>The struct whose method this is, taken apart.</summary>
        public Lowered? This { get; set; }

        /// <summary>Where a tuple that the function returns goes.</summary>
        public ImmutableArray<Var> Results { get; set; } = [];

        public string Fresh(string name)
        {
            // Generated C# has two underlines in the names that it adds.
            while (name.Contains("__"))
                name = name.Replace("__", "_");
            string unique = name;
            for (int i = 1; !_names.Add(unique); i++)
                unique = $"{name}_{i}";
            return unique;
        }

        public void Bind(ISymbol symbol, Lowered lowered) => _bindings[symbol] = lowered;

        public Lowered? Find(ISymbol symbol) => _bindings.TryGetValue(symbol, out var lowered) ? lowered : null;
    }
}
