using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using MomentumCore.Kernels.Compiler.Groups;
using MomentumCore.Kernels.Compiler.Ir;

namespace MomentumCore.Kernels.Compiler.Lowering;

/// <summary>
/// C# computes operands from left to right; C leaves the order open, and steps of a later operand run before the whole
/// expression. What a later operand changes, or what changes something for it, is computed first and kept in a local.
/// </summary>
internal sealed partial class Lowerer
{
    private delegate Lowered Operand(ImmutableArray<Stmt>.Builder steps);

    /// <summary>Numbers, computed from left to right.</summary>
    private ImmutableArray<Expr> InOrder(IEnumerable<IOperation> operands, ImmutableArray<Stmt>.Builder steps)
    {
        var order = new EvaluationOrder(this, steps);
        foreach (var operand in operands)
            order.Value(operand);
        return [.. order.Values];
    }

    /// <summary>The same for anything that has a value.</summary>
    private ImmutableArray<Lowered> AnyInOrder(IEnumerable<IOperation> operands, ImmutableArray<Stmt>.Builder steps)
    {
        var order = new EvaluationOrder(this, steps);
        foreach (var operand in operands)
            order.Any(operand);
        return [.. order.Results];
    }

    /// <summary>Arguments, computed in the order of the call and given in that of the parameters.</summary>
    private ImmutableArray<Expr> Values(ImmutableArray<IArgumentOperation> arguments, ImmutableArray<Stmt>.Builder steps) =>
    [
        .. InOrder(arguments.Select(a => a.Value), steps)
            .Zip(arguments, (value, argument) => (Value: value, argument.Parameter!.Ordinal))
            .OrderBy(v => v.Ordinal).Select(v => v.Value),
    ];

    /// <summary>The same for a helper: values, views and the locals that it writes; and the struct whose method it is.</summary>
    private IEnumerable<CallArgument> Arguments(
        IInvocationOperation call, IMethodSymbol source, List<(Space Space, bool IsReadOnly)> spaces, ImmutableArray<Stmt>.Builder steps,
        out Lowered? self)
    {
        var order = new EvaluationOrder(this, steps);
        int? instance = call.Instance == null ? null : order.Add(s => Lower(call.Instance, s), IsWritable(call.Instance));
        int first = instance == null ? 0 : 1;
        foreach (var argument in call.Arguments)
        {
            if (argument.Parameter!.RefKind is RefKind.Out or RefKind.Ref)
                order.Place(s => OutPlace(argument.Value, s));
            else if (TypeRules.IsView(argument.Parameter.Type))
                order.Add(s => NamedView(Lower(argument.Value, s), s));
            else
                order.Add(s => Given(argument, source, s));
        }

        // A struct is passed to its methods by reference: what the arguments change in it is seen.
        self = instance is { } at ? order[order.Add(_ => order[at])] : null;
        var given = new List<CallArgument>();
        foreach (var (value, argument) in order.Results.Skip(first).Zip(call.Arguments, (value, argument) => (value, argument))
            .OrderBy(a => a.argument.Parameter!.Ordinal))
        {
            if (argument.Parameter!.RefKind is RefKind.Out or RefKind.Ref)
            {
                given.AddRange(Leaves(value).Select(l => (CallArgument)new OutArgument((Var)l)));
            }
            else if (value is LoweredView view)
            {
                spaces.Add((view.View.Space, view.IsReadOnly));
                given.Add(new ViewArgument(view.View));
            }
            else
            {
                given.AddRange(Leaves(value).Select(l => (CallArgument)new ValueArgument(l)));
            }
        }

        return given;
    }

    /// <summary>The value of an argument; of one that is left out, what the parameter says, in the form that is made.</summary>
    private Lowered Given(IArgumentOperation argument, IMethodSymbol method, ImmutableArray<Stmt>.Builder steps)
    {
        var parameter = method.Parameters[argument.Parameter!.Ordinal];
        if (argument.ArgumentKind != ArgumentKind.DefaultValue || ScalarOf(argument.Parameter.Type) is not { } type || !type.IsFloat())
            return Lower(argument.Value, steps);
        bool isCopied = IsCopied(method.ContainingType) && !TypeRules.IsForBoth(method) && !_frame.IsDialect;
        return new LoweredValue(isCopied && Where(parameter) is ParameterSyntax { Default.Value: { } value } && Meaning(value) is { } meaning
            ? Convert(ValueOfConstant(meaning), type)
            : Typed(System.Convert.ChangeType(parameter.ExplicitDefaultValue!, type == Scalar.F32 ? typeof(float) : typeof(double), System.Globalization.CultureInfo.InvariantCulture), null, type));
    }

    /// <summary>Whether a method can change this struct where it lies; of anything else it changes a copy.</summary>
    private bool IsWritable(IOperation place) => place switch
    {
        ILocalReferenceOperation => true,
        IParameterReferenceOperation { Parameter.RefKind: var kind } => kind is RefKind.None or RefKind.Ref or RefKind.Out,
        IFieldReferenceOperation { Field.IsReadOnly: false, Instance: { } owner } => IsWritable(owner),
        IInstanceReferenceOperation => !_open.Peek().IsReadOnly,
        _ => false,
    };

    /// <summary>What is read under one name and changed under another in the same call, a device would read too early.</summary>
    private static void RequireNoAlias(IInvocationOperation call)
    {
        foreach (var argument in call.Arguments.Where(a => a.Parameter!.RefKind == RefKind.In && ScalarOrStruct(a.Parameter.Type)))
        {
            if (Root(argument.Value) is { } root && call.Arguments.SelectMany(a => a.DescendantsAndSelf()).Any(a => IsReference(a, root)))
                throw Unsupported(argument, $"'{root.Name}' is passed with 'in' and changed by the same call; copy it to a local first");
        }

        if (Root(call.Instance) is { } owner && call.Arguments.Any(a => IsReference(a, owner)))
            throw Unsupported(call, $"a part of '{owner.Name}' is passed by reference to its own method; copy it to a local first");

        static bool IsReference(IOperation operation, ISymbol root) =>
            operation is IArgumentOperation { Parameter.RefKind: RefKind.Ref or RefKind.Out } argument
            && SymbolEqualityComparer.Default.Equals(Root(argument.Value), root);
    }

    private static bool ScalarOrStruct(ITypeSymbol? type) => TypeRules.ScalarOf(type) != null || TypeRules.FieldsOf(type) is not null;

    /// <summary>The local or parameter that a place is, or is a part of.</summary>
    private static ISymbol? Root(IOperation? place) => place switch
    {
        ILocalReferenceOperation local => local.Local,
        IParameterReferenceOperation parameter => parameter.Parameter,
        IFieldReferenceOperation field => Root(field.Instance),
        IPropertyReferenceOperation property => Root(property.Instance),
        _ => null,
    };

    /// <summary>What a method changes of its struct becomes a parameter by reference.</summary>
    private static void PassByReference(int fields, ImmutableArray<Stmt> body, ImmutableArray<Parameter>.Builder parameters)
    {
        var written = new HashSet<string>(Types.Statements(body).SelectMany(GroupPlan.Written));
        for (int i = 0; i < fields; i++)
        {
            if (parameters[i] is ValueParameter value && written.Contains(value.Name))
                parameters[i] = new OutParameter(value.Name, value.Type);
        }
    }

    private void RequireUnchecked(bool isChecked, IOperation at)
    {
        if (isChecked && _compilation.ContainsSyntaxTree(at.Syntax.SyntaxTree))
            throw Unsupported(at, "integers wrap in a kernel; remove 'checked', or write unchecked where the project has CheckForOverflowUnderflow");
    }

    /// <summary>A place whose index is computed once, though it is read and written.</summary>
    private Expr PlaceOnce(Expr place, ImmutableArray<Stmt>.Builder steps) =>
        place is Load load && Effects.Change(load.Index) ? load with { Index = Kept("at", load.Index, steps) } : place;

    private Var Kept(string name, Expr value, ImmutableArray<Stmt>.Builder steps)
    {
        var kept = new Var(_frame.Fresh(name), value.Type);
        steps.Add(new Declare(kept, value));
        return kept;
    }

    /// <summary>Computes what a later operand would change, or what changes something for one, into locals.</summary>
    private Lowered Kept(Lowered lowered, bool isPlace, ImmutableArray<Stmt>.Builder steps) => lowered switch
    {
        LoweredValue { Value: Load load } when isPlace => new LoweredValue(load with { Index = Kept("kept", load.Index, steps) }),
        LoweredValue { Value: not Constant } value when !isPlace => new LoweredValue(Kept("kept", value.Value, steps)),
        LoweredPart part => part with { Offset = Kept("kept", part.Offset, steps), Length = Kept("kept", part.Length, steps) },
        LoweredGroup group => new LoweredGroup([.. group.Parts.Select(p => (p.Name, Kept(p.Part, isPlace, steps)))]),
        _ => lowered,
    };

    /// <summary>What is still to be computed when an operand is used: of a place, only where it lies.</summary>
    private static Effects Pending(Lowered lowered, bool isPlace, Effects? known = null)
    {
        var effects = known ?? new Effects();
        switch (lowered)
        {
            case LoweredValue value when !isPlace:
                effects.With(value.Value);
                break;
            case LoweredValue { Value: Load load }:
                effects.With(load.Index);
                break;
            case LoweredPart part:
                effects.With(part.Offset).With(part.Length);
                break;
            case LoweredGroup group:
                foreach (var (_, inner) in group.Parts)
                    Pending(inner, isPlace, effects);
                break;
        }

        return effects;
    }

    /// <summary>The operands of one expression or assignment, added from left to right.</summary>
    private sealed class EvaluationOrder(Lowerer lowerer, ImmutableArray<Stmt>.Builder steps)
    {
        private readonly List<(Lowered Result, bool IsPlace, int End)> _operands = [];

        public IEnumerable<Lowered> Results => _operands.Select(o => o.Result);

        public IEnumerable<Expr> Values => Results.Select(r => ((LoweredValue)r).Value);

        public Lowered this[int operand] => _operands[operand].Result;

        public Expr ValueOf(int operand) => ((LoweredValue)this[operand]).Value;

        /// <summary>A number; gives its position among the operands.</summary>
        public int Value(IOperation operation) => Add(s => new LoweredValue(lowerer.Value(operation, s)));

        /// <summary>Anything that has a value; gives its position among the operands.</summary>
        public int Any(IOperation operation) => Add(s => lowerer.Lower(operation, s));

        /// <summary>Something that is assigned to, or passed by reference.</summary>
        public int Place(Operand operand) => Add(operand, isPlace: true);

        public int Add(Operand operand, bool isPlace = false)
        {
            int start = steps.Count;
            var result = operand(steps);
            var effects = Pending(result, isPlace).With(steps.Skip(start).ToList());
            KeepBefore(effects, placesOnly: false);
            _operands.Add((result, isPlace, steps.Count));
            return _operands.Count - 1;
        }

        /// <summary>Keeps where places lie, if what comes at the end changes it.</summary>
        public void PlacesBefore(Effects end) => KeepBefore(end, placesOnly: true);

        private void KeepBefore(Effects later, bool placesOnly)
        {
            int shift = 0;
            for (int i = 0; i < _operands.Count; i++)
            {
                var (result, isPlace, end) = _operands[i];
                end += shift;
                if ((isPlace || !placesOnly) && Pending(result, isPlace).Meets(later))
                {
                    var kept = ImmutableArray.CreateBuilder<Stmt>();
                    result = lowerer.Kept(result, isPlace, kept);
                    foreach (var step in kept)
                        steps.Insert(end++, step);
                    shift += kept.Count;
                }

                _operands[i] = (result, isPlace, end);
            }
        }
    }
}
