using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using MomentumCore.Kernels.Compiler.Ir;
using MomentumCore.Kernels.Compiler.Rules;

namespace MomentumCore.Kernels.Compiler.Lowering;

/// <summary>Calls: functions that every device has, the group's functions, and helper methods compiled along.</summary>
internal sealed partial class Lowerer
{
    private void CallStatement(IInvocationOperation call, ImmutableArray<Stmt>.Builder steps)
    {
        var method = call.TargetMethod;
        if (TypeRules.IsDialect(method.ContainingType, "Group") && method.Name == "Barrier")
        {
            RequireGroup(call);
            steps.Add(new Barrier((_site ?? call).Syntax));
        }
        else if (TypeRules.IsDialect(method.ContainingType, "MemoryFence"))
        {
            steps.Add(new Fence(method.Name == "DeviceLevel"));
        }
        else if (CallExpression(call, steps) is LoweredValue value && (value.Value is Call || Effects.Change(value.Value)))
        {
            steps.Add(new Evaluate(value.Value));
        }
    }

    private Lowered CallExpression(IInvocationOperation call, ImmutableArray<Stmt>.Builder steps)
    {
        var method = call.TargetMethod;
        if (method.MethodKind == MethodKind.DelegateInvoke || method.IsVirtual || method.IsAbstract || method.IsOverride)
        {
            throw new KernelRejection(
                KernelRule.IndirectCall, call.Syntax, $"a kernel calls static methods only; '{method.Name}' is decided at run time");
        }

        if (method.MethodKind == MethodKind.LocalFunction)
            throw new KernelRejection(KernelRule.Unsupported, Where(method), NoLocalFunctions);
        if (call.Instance != null)
            return ViewCall(call, steps);
        var owner = method.ContainingType;
        if (owner.ContainingNamespace.ToDisplayString() == TypeRules.Dialect)
        {
            switch (owner.Name)
            {
                case "Group":
                    return new LoweredValue(GroupCall(call, steps));
                case "SharedMemory":
                    return Memory(call, Space.Shared);
                case "LocalMemory":
                    return Memory(call, Space.Private);
                case "Atomic":
                    return new LoweredValue(AtomicCall(call, steps));
                case "Interop":
                    RequireOneSize(call);
                    return new LoweredValue(new Intrinsic(
                        method.Name == "FloatAsInt" ? IntrinsicKind.FloatAsInt : IntrinsicKind.IntAsFloat,
                        Values(call.Arguments, steps), RequireScalar(call.Type, call.Syntax)));
            }
        }

        if (method.Name == "BigMul" && owner.Name == "Math" && method.Parameters.Length == 3)
            return new LoweredValue(MultiplyHigh(call, steps));
        if (method.Name == "BigMul" && owner.Name == "Math" && method.Parameters.Length == 2 && ScalarOf(call.Type) is { } product)
        {
            var factors = Values(call.Arguments, steps);
            return new LoweredValue(new Binary(BinaryKind.Multiply, Convert(factors[0], product), Convert(factors[1], product), product));
        }

        if (DeviceFunctions.Find(method) is IntrinsicKind.FloatAsInt or IntrinsicKind.IntAsFloat)
            RequireOneSize(call);
        return DeviceFunctions.Find(method) is { } kind
            ? new LoweredValue(new Intrinsic(kind, Values(call.Arguments, steps), RequireScalar(call.Type, call.Syntax)))
            : HelperCall(call, steps);
    }

    /// <summary>The bits of a float are half as many as those of a double.</summary>
    private void RequireOneSize(IInvocationOperation call)
    {
        if (_alsoDouble && !_frame.IsDialect && call.TargetMethod.Parameters.Select(p => p.Type).Append(call.Type).Any(t => TypeRules.ScalarOf(t) == Scalar.F32))
        {
            throw new KernelRejection(
                KernelRule.NoDoubleForm, call.Syntax,
                $"'{call.TargetMethod.ContainingType.Name}.{call.TargetMethod.Name}' speaks of the bits of a float, of which a double has twice as many; mark the kernel [Kernel(FloatOnly = true)]");
        }
    }

    private Lowered ViewCall(IInvocationOperation call, ImmutableArray<Stmt>.Builder steps)
    {
        var method = call.TargetMethod;
        if (TypeRules.IsView(call.Instance!.Type))
        {
            var view = NamedView(Lower(call.Instance, steps), steps);
            if (method.Name == "SubView")
            {
                var part = Values(call.Arguments, steps);
                return new LoweredPart(view.View, view.View.Element, part[0], part[1], view.IsReadOnly);
            }

            if (method.Name == "Cast")
            {
                var element = RequireScalar(method.TypeArguments[0], call.Syntax);
                Expr bytes = new Binary(BinaryKind.Multiply, new ViewLength(view.View), Number(view.View.Element.Bytes()), Scalar.I64);
                return new LoweredPart(
                    view.View, element, Number(0), new Binary(BinaryKind.Divide, bytes, Number(element.Bytes()), Scalar.I64), view.IsReadOnly);
            }
        }

        if (TypeRules.FieldsOf(call.Instance.Type) is not null && !method.DeclaringSyntaxReferences.IsEmpty)
            return HelperCall(call, steps);
        throw new KernelRejection(
            KernelRule.UnknownMethod, call.Syntax, $"'{method.ContainingType.Name}.{method.Name}' cannot run on a device; write a static helper method");
    }

    private static Constant Number(long value) => new(value, null, Scalar.I64);

    private LoweredView NamedView(Lowered lowered, ImmutableArray<Stmt>.Builder steps) =>
        (LoweredView)(lowered is LoweredView ? lowered : Name("view", lowered, steps));

    /// <summary>high = Math.BigMul(a, b, out low): 64-bit halves of a 128-bit product.</summary>
    private Expr MultiplyHigh(IInvocationOperation call, ImmutableArray<Stmt>.Builder steps)
    {
        var low = call.Arguments.First(a => a.Parameter!.Ordinal == 2);
        var factors = Values(call.Arguments.Remove(low), steps);
        var left = Kept("left", factors[0], steps);
        var right = Kept("right", factors[1], steps);
        steps.Add(new Assign(OutTarget(low.Value, steps), new Binary(BinaryKind.Multiply, left, right, left.Type)));
        return new Intrinsic(IntrinsicKind.MultiplyHigh, [left, right], left.Type);
    }

    private Var OutTarget(IOperation argument, ImmutableArray<Stmt>.Builder steps) =>
        (Var)((LoweredValue)OutPlace(argument, steps)).Value;

    /// <summary>What is passed by reference: a local, or a struct of locals.</summary>
    private Lowered OutPlace(IOperation argument, ImmutableArray<Stmt>.Builder steps)
    {
        if (argument is IDeclarationExpressionOperation { Expression: ILocalReferenceOperation declared })
        {
            _frame.Bind(declared.Local, DeclareEmpty(declared.Local.Name, declared.Local.Type, argument.Syntax, steps));
            argument = declared;
        }

        if (argument is IDiscardOperation discard)
            return DeclareEmpty("unused", discard.Type!, argument.Syntax, steps);
        var place = Lower(argument, steps);
        return place is LoweredValue or LoweredGroup && Leaves(place).All(l => l is Var)
            ? place
            : throw Unsupported(argument, "a kernel passes locals by reference only; copy the element to a local and back");
    }

    private Lowered HelperCall(IInvocationOperation call, ImmutableArray<Stmt>.Builder steps)
    {
        var method = call.TargetMethod;
        RequireDoubleForm(method, call.Syntax);
        var source = InForm(method);
        if (source.DeclaringSyntaxReferences.IsEmpty)
        {
            source = DialectSource.Find(_compilation, source, _cancel) ?? throw new KernelRejection(
                KernelRule.UnknownMethod, call.Syntax, DeviceFunctions.Advice(method, _compilation));
        }

        source = source.PartialImplementationPart ?? source;
        if (Where(source) is not MethodDeclarationSyntax { Body: not null } and not MethodDeclarationSyntax { ExpressionBody: not null })
            throw new KernelRejection(KernelRule.UnknownMethod, call.Syntax, $"'{method.Name}' has no body that a device could run; write a static helper method");
        if (method.IsGenericMethod)
            throw Unsupported(call, $"a kernel cannot call the generic method '{method.Name}'; write it for float, the double form is made from it");
        if (_open.Contains(source, SymbolEqualityComparer.Default))
            throw new KernelRejection(KernelRule.Recursion, call.Syntax, $"'{method.Name}' calls itself; use a loop");
        if (_isGrouped && !IsLibrary(source) && SpeaksOfGroup(source))
            return Inlined(call, source, steps);

        RequireNoAlias(call);
        var spaces = new List<(Space Space, bool IsReadOnly)>();
        var given = Arguments(call, source, spaces, steps, out var self);
        var helper = HelperFor(source, spaces);
        var arguments = ImmutableArray.CreateBuilder<CallArgument>();
        // A method of a struct of numbers receives its fields first: those that it changes by reference.
        if (self != null)
        {
            int fields = Leaves(self).Count();
            if (!IsWritable(call.Instance!) && helper.Parameters.Take(fields).Any(p => p is OutParameter))
                self = Name("self", self, steps);
            arguments.AddRange(Leaves(self).Zip(helper.Parameters, (leaf, parameter) => parameter is OutParameter
                ? (CallArgument)new OutArgument(leaf as Var ?? throw Unsupported(call, "a kernel changes structs in locals only"))
                : new ValueArgument(leaf)));
        }

        arguments.AddRange(given);
        if (TypeRules.FieldsOf(method.ReturnType) is null)
            return new LoweredValue(new Call(helper, arguments.ToImmutable(), helper.Result));
        var results = DeclareEmpty("result", method.ReturnType, call.Syntax, steps);
        arguments.AddRange(Leaves(results).Select(l => (CallArgument)new OutArgument((Var)l)));
        steps.Add(new Evaluate(new Call(helper, arguments.ToImmutable(), Scalar.Void)));
        return results;
    }

    /// <summary>Whether generated C# has members of the class anew for each form; what stands elsewhere stays as it is.</summary>
    private bool IsCopied(INamedTypeSymbol owner) => SymbolEqualityComparer.Default.Equals(owner, _class);

    /// <summary>In the double form of a kernel Math.PI stands for MathF.PI and double.Epsilon for float.Epsilon.</summary>
    private IFieldSymbol InForm(IFieldSymbol constant, Scalar type)
    {
        var owner = constant.ContainingType.SpecialType == SpecialType.System_Single
            ? _compilation.GetSpecialType(type switch
            {
                Scalar.F64 => SpecialType.System_Double,
                Scalar.I32 => SpecialType.System_Int32,
                _ => SpecialType.System_Int64,
            })
            : constant.ContainingType is { Name: "MathF", ContainingNamespace.Name: "System" } ? _compilation.GetTypeByMetadataName("System.Math") : null;
        return owner?.GetMembers(constant.Name).OfType<IFieldSymbol>().FirstOrDefault(f => f.HasConstantValue) ?? constant;
    }

    /// <summary>A helper elsewhere that speaks of floats has no double form, unless it stands there for double too.</summary>
    private void RequireDoubleForm(IMethodSymbol method, SyntaxNode call)
    {
        if (!_alsoDouble || _frame.IsDialect || IsCopied(method.ContainingType) || IsLibrary(method)
            || !method.Parameters.Select(p => p.Type).Append(method.ReturnType).Any(t => t.ToDisplayString().Contains("float"))
            || TypeRules.DoubleTwin(method) != null)
        {
            return;
        }

        throw new KernelRejection(
            KernelRule.NoDoubleForm, call,
            $"'{method.ContainingType.Name}.{method.Name}' stays for float in the double form of this kernel; give it an overload for double, " +
            "move it into the class of the kernel, or mark the kernel [Kernel(FloatOnly = true)]");
    }

    /// <summary>In the double form of a kernel, XMath.Exp(float) stands for XMath.Exp(double), which has its own body.</summary>
    private IMethodSymbol InForm(IMethodSymbol method)
    {
        if (_form != Scalar.F64 || _frame.IsDialect)
            return method;
        return TypeRules.DoubleTwin(method) ?? method;
    }

    /// <summary>The lowered helper; one form for each combination of memory spaces that its views come from.</summary>
    private Helper HelperFor(IMethodSymbol method, List<(Space Space, bool IsReadOnly)> spaces)
    {
        bool isLeft = _frame.IsDialect || !IsCopied(method.ContainingType) || TypeRules.IsForBoth(method);
        string key = $"{method.ToDisplayString()}|{isLeft}|{string.Join(",", spaces)}";
        if (_helpers.TryGetValue(key, out var known))
            return known;
        var (frame, depth) = (_frame, _depth);
        _depth = 0;
        _frame = new Frame { IsDialect = isLeft };
        _open.Push(method);
        try
        {
            var parameters = ImmutableArray.CreateBuilder<Parameter>();
            int next = 0;
            if (!method.IsStatic)
                _frame.This = KernelParameter(method.ContainingType, _frame.Fresh("self"), "self", Where(method), false, parameters);
            foreach (var parameter in method.Parameters)
                _frame.Bind(parameter, HelperParameter(parameter, spaces, ref next, parameters));
            var where = Where(method);
            var result = Scalar.Void;
            if (TypeRules.FieldsOf(method.ReturnType) is not null)
                _frame.Results = ResultParameters(method, where, parameters);
            else
                result = RequireScalar(method.ReturnType, where);
            var body = Body(method);
            if (_frame.This is { } self)
                PassByReference(Leaves(self).Count(), body, parameters);
            var helper = new Helper(UniqueHelperName(method.Name), result, parameters.ToImmutable(), body);
            _helpers[key] = helper;
            _helperOrder.Add(helper);
            return helper;
        }
        finally
        {
            _open.Pop();
            (_frame, _depth) = (frame, depth);
        }
    }

    private ImmutableArray<Var> ResultParameters(IMethodSymbol method, SyntaxNode where, ImmutableArray<Parameter>.Builder parameters)
    {
        var unused = ImmutableArray.CreateBuilder<Stmt>();
        var results = Leaves(DeclareEmpty("result", method.ReturnType, where, unused)).Cast<Var>().ToImmutableArray();
        parameters.AddRange(results.Select(r => (Parameter)new OutParameter(r.Name, r.Type)));
        return results;
    }

    private Lowered HelperParameter(
        IParameterSymbol parameter, List<(Space Space, bool IsReadOnly)> spaces, ref int next, ImmutableArray<Parameter>.Builder parameters)
    {
        var where = Where(parameter);
        string name = _frame.Fresh(parameter.Name);
        if (TypeRules.IsView(parameter.Type))
        {
            var (space, isReadOnly) = spaces[next++];
            var view = new View(name, ElementOf(parameter.Type, where), space);
            parameters.Add(new ViewParameter(view));
            return new LoweredView(view, isReadOnly || parameter.RefKind == RefKind.In);
        }

        return parameter.RefKind is RefKind.Out or RefKind.Ref
            ? ByReference(parameter.Type, name, where, parameters)
            : KernelParameter(parameter.Type, name, name, where, false, parameters);
    }

    private Lowered ByReference(ITypeSymbol parameter, string name, SyntaxNode where, ImmutableArray<Parameter>.Builder parameters)
    {
        if (TypeRules.FieldsOf(parameter) is { } fields)
            return new LoweredGroup([.. fields.Select(f => (f.Name, ByReference(f.Type, _frame.Fresh($"{name}_{f.Name}"), where, parameters)))]);
        var type = RequireScalar(parameter, where);
        parameters.Add(new OutParameter(name, type));
        return new LoweredValue(new Var(name, type));
    }

    private string UniqueHelperName(string name)
    {
        string unique = name;
        for (int i = 1; _helperOrder.Any(h => h.Name == unique); i++)
            unique = $"{name}_{i}";
        return unique;
    }

    /// <summary>Something that can be assigned to.</summary>
    private Lowered Place(IOperation operation, ImmutableArray<Stmt>.Builder steps)
    {
        if (operation is IPropertyReferenceOperation { Instance: { } view } && IsOnlyRead(view))
            throw new KernelRejection(KernelRule.ReadOnlyView, operation.Syntax, $"the view '{view.Syntax}' is passed with 'in' and only read; drop 'in' to write to it");

        var place = Lower(operation, steps);
        return place is LoweredGroup or LoweredValue { Value: Var or Load }
            ? place
            : throw Unsupported(operation, place is LoweredValue ? "a kernel cannot assign to this" : OneView);
    }

    private bool IsOnlyRead(IOperation view)
    {
        if (!TypeRules.IsView(view.Type) && !TypeRules.IsDialect(view.Type, "ArrayView2D"))
            return false;
        // Only looked at: its steps are made, and its memory counts, where it is used.
        var (shared, local) = (_sharedBytes, _localBytes);
        var lowered = Lower(view, ImmutableArray.CreateBuilder<Stmt>());
        (_sharedBytes, _localBytes) = (shared, local);
        return (lowered is LoweredGroup plane ? plane.Find("BaseView") : lowered) is LoweredView { IsReadOnly: true } or LoweredPart { IsReadOnly: true };
    }

    private Expr PlaceValue(IOperation operation, ImmutableArray<Stmt>.Builder steps) =>
        Place(operation, steps) is LoweredValue value ? value.Value : throw Unsupported(operation, "a kernel changes numbers one at a time");
}
