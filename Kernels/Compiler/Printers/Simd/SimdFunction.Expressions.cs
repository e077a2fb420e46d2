using System.Collections.Generic;
using System.Linq;
using MomentumCore.Kernels.Compiler.Ir;

namespace MomentumCore.Kernels.Compiler.Printers.Simd;

/// <summary>Expressions.</summary>
internal sealed partial class SimdFunction
{
    /// <summary>A value in every lane; one that is the same in all is repeated.</summary>
    private string Lift(Expr value)
    {
        if (_uniformity.Varies(value))
            return Vector(value);
        if (_region.Mask != null)
            RequireNoFault(value);
        return lanes.Repeat(ScalarCSharp.Text(value), value.Type);
    }

    // Computed for all lanes, also where none takes it: a division by zero there would be an exception that C# does not have.
    private static void RequireNoFault(Expr value)
    {
        if (Types.HasFault(value))
            throw new NoSimdForm("it divides integers under a condition");
    }

    // All lanes compute it, so all would have what it changes changed.
    private static void RequireNoEffect(Expr value)
    {
        if (Effects.Change(value))
            throw new NoSimdForm("a call that changes a local stands under a condition");
    }

    private string Vector(Expr value) => value switch
    {
        Var v when v.Name == index => throw new NoSimdForm("it uses the index as a number"),
        Var v => ScalarCSharp.Name(v.Name),
        Load l => LoadText(l.View),
        Unary { Kind: UnaryKind.Negate } u => lanes.Wrapped($"(-{Vector(u.Operand)})", u.Type),
        Unary { Kind: UnaryKind.Not } u => $"(~{Vector(u.Operand)})",
        Unary u => lanes.Wrapped($"(~{Vector(u.Operand)})", u.Type),
        Binary b => BinaryText(b),
        Select s => SelectText(s),
        Convert c => lanes.Convert(Vector(c.Operand), c.Operand.Type, c.Type),
        Intrinsic i => IntrinsicText(i),
        Call c => CallText(c),
        _ => throw new NoSimdForm($"{value.GetType().Name} has no vector form"),
    };

    private string LoadText(View view)
    {
        string name = ScalarCSharp.Name(view.Name);
        // Elements half as wide as a lane are widened on the way in.
        return lanes.IsFull(view.Element) ? $"{lanes.Functions(view.Element)}.LoadUnsafe(ref {name})" : $"KernelVectors.LoadWide(ref {name})";
    }

    private string SelectText(Select select)
    {
        if (!_uniformity.Varies(select.Condition))
            return $"({ScalarCSharp.Text(select.Condition)} ? {Lift(select.WhenTrue)} : {Lift(select.WhenFalse)})";
        RequireNoFault(select.WhenTrue);
        RequireNoFault(select.WhenFalse);
        RequireNoEffect(select.WhenTrue);
        RequireNoEffect(select.WhenFalse);
        return Choose(Vector(select.Condition), Lift(select.WhenTrue), Lift(select.WhenFalse), select.Type);
    }

    private string Choose(string mask, string whenTrue, string whenFalse, Scalar type) =>
        $"{lanes.Functions(type)}.ConditionalSelect({lanes.As(mask, Scalar.Bool, type)}, {whenTrue}, {whenFalse})";

    private string BinaryText(Binary binary)
    {
        var type = binary.Left.Type;
        switch (binary.Kind)
        {
            case BinaryKind.ShiftLeft or BinaryKind.ShiftRight or BinaryKind.ShiftRightUnsigned:
                return ShiftText(binary);
            case BinaryKind.Divide or BinaryKind.Remainder when type.IsInteger():
                throw new NoSimdForm("it divides integers");
            case BinaryKind.Remainder:
                throw new NoSimdForm("it takes a remainder");
            case BinaryKind.AndAlso or BinaryKind.OrElse:
                RequireNoFault(binary.Right);
                RequireNoEffect(binary.Right);
                break;
        }

        string left = Lift(binary.Left), right = Lift(binary.Right), functions = lanes.Functions(type);
        return binary.Kind switch
        {
            BinaryKind.AndAlso => $"({left} & {right})",
            BinaryKind.OrElse => $"({left} | {right})",
            BinaryKind.Equal when type == Scalar.Bool => $"(~({left} ^ {right}))",
            BinaryKind.NotEqual when type == Scalar.Bool => $"({left} ^ {right})",
            BinaryKind.Less => Mask($"{functions}.LessThan({left}, {right})", type),
            BinaryKind.LessOrEqual => Mask($"{functions}.LessThanOrEqual({left}, {right})", type),
            BinaryKind.Greater => Mask($"{functions}.GreaterThan({left}, {right})", type),
            BinaryKind.GreaterOrEqual => Mask($"{functions}.GreaterThanOrEqual({left}, {right})", type),
            BinaryKind.Equal => Mask($"{functions}.Equals({left}, {right})", type),
            BinaryKind.NotEqual => Mask($"(~{functions}.Equals({left}, {right}))", type),
            _ => lanes.Wrapped($"({left} {ScalarCSharp.Sign(binary.Kind)} {right})", type),
        };
    }

    private string Mask(string text, Scalar type) => lanes.As(text, type, Scalar.Bool);

    private string ShiftText(Binary shift)
    {
        var type = shift.Left.Type;
        // >>> of a signed number shifts in zeros: it goes through the unsigned type.
        var work = shift.Kind == BinaryKind.ShiftRightUnsigned ? Unsigned(type) : type;
        string value = lanes.Convert(Lift(shift.Left), type, work);
        string function = shift.Kind == BinaryKind.ShiftLeft ? "ShiftLeft" : work.IsSigned() ? "ShiftRightArithmetic" : "ShiftRightLogical";
        int most = (type.Bytes() * 8) - 1;
        // A count that varies has no Vector512 function; KernelVectors has one.
        string shifted = _uniformity.Varies(shift.Right)
            ? $"KernelVectors.{function}({value}, {Vector(shift.Right)} & {lanes.Repeat(most.ToString(), Scalar.I32)})"
            : $"Vector512.{function}({value}, {ScalarCSharp.Text(shift.Right)} & {most})";
        if (shift.Kind == BinaryKind.ShiftLeft)
            shifted = lanes.Wrapped(shifted, work);
        return lanes.Convert(shifted, work, type);
    }

    private static Scalar Unsigned(Scalar type) => type switch
    {
        Scalar.I32 => Scalar.U32,
        Scalar.I64 => Scalar.U64,
        _ => type,
    };

    private string IntrinsicText(Intrinsic call)
    {
        string[] a = [.. call.Arguments.Select(Lift)];
        var type = call.Arguments[0].Type;
        string functions = lanes.Functions(type), infinity = lanes.Repeat($"{type.CSharp()}.PositiveInfinity", type);
        return call.Kind switch
        {
            IntrinsicKind.Min or IntrinsicKind.Max => $"{functions}.{call.Kind}({a[0]}, {a[1]})",
            _ when call.Kind is not IntrinsicKind.IntAsFloat && !type.IsFloat() => throw new NoSimdForm($"{call.Kind} of integers has no vector form"),
            IntrinsicKind.Abs or IntrinsicKind.Floor or IntrinsicKind.Ceiling or IntrinsicKind.Truncate or IntrinsicKind.Round
                or IntrinsicKind.Sqrt => $"{functions}.{call.Kind}({a[0]})",
            IntrinsicKind.CopySign => $"{functions}.CopySign({a[0]}, {a[1]})",
            IntrinsicKind.IsNaN => Mask($"(~{functions}.Equals({a[0]}, {a[0]}))", type),
            IntrinsicKind.IsInfinity => Mask($"{functions}.Equals({functions}.Abs({a[0]}), {infinity})", type),
            IntrinsicKind.IsFinite => Mask($"{functions}.LessThan({functions}.Abs({a[0]}), {infinity})", type),
            IntrinsicKind.FloatAsInt or IntrinsicKind.IntAsFloat => lanes.As(a[0], type, call.Type),
            _ => throw new NoSimdForm($"{call.Kind} has no vector form"),
        };
    }

    private string CallText(Call call)
    {
        if (call.Arguments.Any(a => a is ViewArgument))
            throw new NoSimdForm("it hands a view to a helper");
        var copies = new Dictionary<string, string>();
        return $"{HelperName(call.Helper, taken)}({string.Join(", ", call.Arguments.Select(a => ArgumentText(a, copies)))})";
    }

    /// <summary>What a helper is called over vectors: a name that no local has.</summary>
    public static string HelperName(Helper helper, HashSet<string> taken)
    {
        string name = helper.Name + "_v";
        while (taken.Contains(name))
            name += "_";
        return name;
    }

    private string ArgumentText(CallArgument argument, Dictionary<string, string> copies)
    {
        if (argument is not OutArgument { Target: var target })
            return Lift(((ValueArgument)argument).Value);
        if (!IsOuter(target))
            return $"ref {ScalarCSharp.Name(target.Name)}";
        // Lanes that are switched off must keep what they had: the helper writes to a copy, one for each local.
        if (copies.TryGetValue(target.Name, out string? copy))
            return $"ref {copy}";
        copies[target.Name] = copy = Named(ScalarCSharp.Name(target.Name));
        _after.Add($"{ScalarCSharp.Name(target.Name)} = {Choose(_region.Mask!, copy, ScalarCSharp.Name(target.Name), target.Type)};");
        return $"ref {copy}";
    }
}
