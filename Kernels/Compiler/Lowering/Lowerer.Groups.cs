using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using MomentumCore.Kernels.Compiler.Ir;
using MomentumCore.Kernels.Compiler.Rules;

namespace MomentumCore.Kernels.Compiler.Lowering;

/// <summary>The vocabulary of grouped kernels: places, barriers, votes, shared memory, atomics.</summary>
internal sealed partial class Lowerer
{
    /// <summary>Where a work item is.</summary>
    private Lowered StaticProperty(IPropertyReferenceOperation property)
    {
        if (TypeRules.IsDialect(property.Property.ContainingType, "Group") || TypeRules.IsDialect(property.Property.ContainingType, "Grid"))
        {
            RequireGroup(property);
            string owner = property.Property.ContainingType.Name;
            Expr At(string name) => new Position((PositionKind)System.Enum.Parse(typeof(PositionKind), name));
            Expr Plus(Expr a, Expr b) => new Binary(BinaryKind.Add, a, b, Scalar.I32);
            Expr Times(Expr a, Expr b) => new Binary(BinaryKind.Multiply, a, b, Scalar.I32);
            Expr linear = Plus(At("GroupIndexX"), Times(At("GroupSizeX"), Plus(At("GroupIndexY"), Times(At("GroupSizeY"), At("GroupIndexZ")))));
            switch (property.Property.Name)
            {
                case "IdxX" or "IdxY" or "IdxZ" or "DimX" or "DimY" or "DimZ":
                    string what = property.Property.Name.StartsWith("Idx", System.StringComparison.Ordinal) ? "Index" : "Size";
                    return new LoweredValue(At(owner + what + property.Property.Name[3]));
                case "LinearIndex" when owner == "Group":
                    return new LoweredValue(linear);
                case "IsFirstThread":
                    return new LoweredValue(new Binary(BinaryKind.Equal, linear, new Constant(0, null, Scalar.I32), Scalar.Bool));
                case "GlobalIndex":
                    return new LoweredGroup([.. "XYZ".Select(axis => (
                        axis.ToString(),
                        (Lowered)new LoweredValue(Plus(At($"GroupIndex{axis}"), Times(At($"GridIndex{axis}"), At($"GroupSize{axis}"))))))]);
            }
        }

        throw new KernelRejection(
            KernelRule.CapturedState, property.Syntax, $"a kernel reads its parameters only, not the property '{property.Property.Name}'; pass its value as a parameter");
    }

    private void RequireGroup(IOperation at)
    {
        if (!_isGrouped)
        {
            throw new KernelRejection(
                KernelRule.Grouped, at.Syntax, "a kernel that begins with an index has no group; leave the index out and launch it with a KernelConfig");
        }
    }

    private Expr GroupCall(IInvocationOperation call, ImmutableArray<Stmt>.Builder steps)
    {
        RequireGroup(call);
        GroupKind? kind = call.TargetMethod.Name switch
        {
            "BarrierPopCount" => GroupKind.PopCount,
            "BarrierAnd" => GroupKind.And,
            "BarrierOr" => GroupKind.Or,
            "Broadcast" => GroupKind.Broadcast,
            _ => null,
        };
        if (kind is not { } k)
            throw Unsupported(call, $"Group.{call.TargetMethod.Name} needs a statement of its own");
        // Each work item computes them, also where the value of one alone is asked for.
        ImmutableArray<Expr> arguments =
        [
            .. Values(call.Arguments.RemoveAll(IsLeftOut), steps)
                .Select(a => Effects.Change(a) ? Kept("kept", a, steps) : a),
        ];
        var result = new Var(_frame.Fresh("vote"), RequireScalar(call.Type, call.Syntax));
        steps.Add(new Declare(result, new GroupOp(k, arguments, result.Type, (_site ?? call).Syntax)));
        return result;
    }

    // No device has more for a group, and on the CPU a work item's arrays lie on the stack.
    private const long MostShared = 16 << 20;
    private const long MostLocal = 64 << 10;

    private long _sharedBytes;
    private long _localBytes;

    private LoweredArray Memory(IInvocationOperation call, Space space)
    {
        if (space == Space.Shared)
            RequireGroup(call);
        if (_depth > 0)
        {
            if (_site != null)
            {
                throw new KernelRejection(
                    KernelRule.ArraySize, _site.Syntax,
                    $"'{_site.TargetMethod.Name}' allocates memory, which is there from the start: call it at the top of the kernel, under no condition and in no loop");
            }

            throw new KernelRejection(
                KernelRule.ArraySize, call.Syntax, "shared and local memory is there from the start: allocate it at the top of the kernel, under no condition and in no loop");
        }

        var element = RequireScalar(call.TargetMethod.TypeArguments[0], call.Syntax);
        if (call.TargetMethod.Name == "GetDynamic")
            return new LoweredArray(element, Space.DynamicShared, 0);
        var extent = call.Arguments.Where(a => !IsLeftOut(a)).ToList();
        if (extent.Count == 0)
            return new LoweredArray(element, space, 1);
        if (extent.Count == 1 && extent[0].Value.ConstantValue is { HasValue: true, Value: int length and > 0 })
        {
            RequireRoom(call, space, length);
            return new LoweredArray(element, space, length);
        }

        throw new KernelRejection(
            KernelRule.ArraySize, call.Syntax, "the size of shared or local memory is a positive constant; for a size known at the launch use SharedMemory.GetDynamic<T>()");
    }

    /// <summary>The arrays of a kernel together have a bound, which is the same in all its forms: a float counts 4 bytes.</summary>
    private void RequireRoom(IInvocationOperation call, Space space, int length)
    {
        long bytes = (long)length * TypeRules.ScalarOf(call.TargetMethod.TypeArguments[0])!.Value.Bytes();
        bool isShared = space == Space.Shared;
        long all = isShared ? _sharedBytes += bytes : _localBytes += bytes;
        if (all > (isShared ? MostShared : MostLocal))
        {
            throw new KernelRejection(KernelRule.ArraySize, call.Syntax, isShared
                ? $"with this the kernel allocates {all} bytes of shared memory for each group; {MostShared} is the most, and most devices have far less: work in smaller parts"
                : $"with this the kernel allocates {all} bytes of local memory for each work item; {MostLocal} is the most: use a view that the caller passes");
        }
    }

    private Expr AtomicCall(IInvocationOperation call, ImmutableArray<Stmt>.Builder steps)
    {
        var order = new EvaluationOrder(this, steps);
        foreach (var argument in call.Arguments)
        {
            if (argument.Parameter!.Ordinal == 0)
                order.Place(s => new LoweredValue(PlaceValue(argument.Value, s)));
            else
                order.Value(argument.Value);
        }

        var values = order.Values.Zip(call.Arguments, (value, argument) => (Value: value, argument.Parameter!.Ordinal))
            .OrderBy(v => v.Ordinal).Select(v => v.Value).ToImmutableArray();
        if (values[0] is not Load place)
            throw Unsupported(call, "an atomic works on an element of a view: Atomic.Add(ref view[i], value)");
        var kind = (AtomicKind)System.Enum.Parse(typeof(AtomicKind), call.TargetMethod.Name);
        return new AtomicOp(kind, place, values.RemoveAt(0), place.Type);
    }

    // One in parentheses is called implicit, as is one that the compiler adds.
    private static bool IsLeftOut(IArgumentOperation argument) => argument.ArgumentKind == ArgumentKind.DefaultValue;

    private static bool IsSharedMemory(IMethodSymbol method) => TypeRules.IsDialect(method.ContainingType, "SharedMemory");
}
