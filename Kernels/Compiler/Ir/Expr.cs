using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace MomentumCore.Kernels.Compiler.Ir;

/// <summary>A value in a kernel. Expressions have no side effects, except <see cref="AtomicOp"/>.</summary>
internal abstract record Expr(Scalar Type);

/// <summary>A number. Text holds a float literal's digits as written, which retyping to double goes back to.</summary>
internal sealed record Constant(object Value, string? Text, Scalar Type) : Expr(Type);

/// <summary>A local, a scalar parameter, or the index.</summary>
internal sealed record Var(string Name, Scalar Type) : Expr(Type);

/// <summary>An element of a view.</summary>
internal sealed record Load(View View, Expr Index) : Expr(View.Element);

/// <summary>The number of elements of a view, as Int64.</summary>
internal sealed record ViewLength(View View) : Expr(Scalar.I64);

/// <summary>One operand.</summary>
internal sealed record Unary(UnaryKind Kind, Expr Operand, Scalar Type) : Expr(Type);

/// <summary>Two operands of one type (shifts: an Int32 count); comparisons give Bool.</summary>
internal sealed record Binary(BinaryKind Kind, Expr Left, Expr Right, Scalar Type) : Expr(Type);

/// <summary>c ? a : b; only the chosen side is evaluated, which matters for loads alone.</summary>
internal sealed record Select(Expr Condition, Expr WhenTrue, Expr WhenFalse, Scalar Type) : Expr(Type);

/// <summary>A conversion with C#'s meaning: float to integer truncates and saturates, integers wrap.</summary>
internal sealed record Convert(Expr Operand, Scalar Type) : Expr(Type);

/// <summary>A function that every device has: see <see cref="IntrinsicKind"/>.</summary>
internal sealed record Intrinsic(IntrinsicKind Kind, ImmutableArray<Expr> Arguments, Scalar Type) : Expr(Type);

/// <summary>A call of a helper method, which is compiled along.</summary>
internal sealed record Call(Helper Helper, ImmutableArray<CallArgument> Arguments, Scalar Type) : Expr(Type);

/// <summary>Where in the grid or group this work item is, as Int32.</summary>
internal sealed record Position(PositionKind Kind) : Expr(Scalar.I32);

/// <summary>A read-modify-write of an element that no other work item can come between; gives the old value.</summary>
internal sealed record AtomicOp(AtomicKind Kind, Load Place, ImmutableArray<Expr> Arguments, Scalar Type) : Expr(Type);

/// <summary>A group-wide vote or broadcast; every work item of the group takes part. It only ever stands as the value of a <see cref="Declare"/>.</summary>
internal sealed record GroupOp(GroupKind Kind, ImmutableArray<Expr> Arguments, Scalar Type, SyntaxNode? Where = null) : Expr(Type);

/// <summary>What a helper receives: a value or a view.</summary>
internal abstract record CallArgument;

/// <summary>A value passed to a helper.</summary>
internal sealed record ValueArgument(Expr Value) : CallArgument;

/// <summary>A view passed to a helper.</summary>
internal sealed record ViewArgument(View View) : CallArgument;

/// <summary>A local that the helper writes: an out parameter, or a part of a tuple that it returns.</summary>
internal sealed record OutArgument(Var Target) : CallArgument;

internal enum UnaryKind
{
    Negate,
    Not,
    Complement,
}

internal enum BinaryKind
{
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    And,
    Or,
    Xor,
    ShiftLeft,
    ShiftRight,
    ShiftRightUnsigned,
    AndAlso,
    OrElse,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

/// <summary>Exact on every device: same bits as C#.</summary>
internal enum IntrinsicKind
{
    /// <summary>Absolute value of a float; of an integer it wraps.</summary>
    Abs,

    /// <summary>The smaller; a NaN wins, and −0 is smaller than 0.</summary>
    Min,

    /// <summary>The larger; a NaN wins, and 0 is larger than −0.</summary>
    Max,
    Floor,
    Ceiling,
    Truncate,

    /// <summary>To the nearest integer, ties to even.</summary>
    Round,
    Sqrt,
    CopySign,
    IsNaN,
    IsInfinity,
    IsFinite,

    /// <summary>The bits of a float as an unsigned integer of the same size.</summary>
    FloatAsInt,

    /// <summary>The float with these bits.</summary>
    IntAsFloat,

    /// <summary>The upper half of the product of two 32-bit or 64-bit unsigned integers.</summary>
    MultiplyHigh,
    PopCount,
    LeadingZeroCount,
}

internal enum PositionKind
{
    GroupIndexX,
    GroupIndexY,
    GroupIndexZ,
    GroupSizeX,
    GroupSizeY,
    GroupSizeZ,
    GridIndexX,
    GridIndexY,
    GridIndexZ,
    GridSizeX,
    GridSizeY,
    GridSizeZ,
}

internal enum AtomicKind
{
    Add,
    Min,
    Max,
    Exchange,
    CompareExchange,
}

internal enum GroupKind
{
    PopCount,
    And,
    Or,
    Broadcast,
}
