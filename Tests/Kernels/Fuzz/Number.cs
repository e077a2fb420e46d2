namespace MomentumCore.Tests.Kernels.Fuzz;

/// <summary>A number type of C# as random kernels need it: its keyword, its width, literals at its extremes.</summary>
internal sealed record Number(string CSharp, int Bytes, bool IsSigned, bool IsFloat, string[] Literals)
{
    public static readonly Number Bool = new("bool", 1, false, false, ["true", "false"]);

    public static readonly Number SByte = new("sbyte", 1, true, false, ["(sbyte)1", "(sbyte)(-128)", "(sbyte)127", "(sbyte)(-1)", "(sbyte)0"]);

    public static readonly Number Byte = new("byte", 1, false, false, ["(byte)1", "(byte)255", "(byte)200", "(byte)0"]);

    public static readonly Number Short = new("short", 2, true, false, ["(short)1", "short.MinValue", "short.MaxValue", "(short)(-300)"]);

    public static readonly Number UShort = new("ushort", 2, false, false, ["(ushort)1", "ushort.MaxValue", "(ushort)40000"]);

    public static readonly Number Int = new(
        "int", 4, true, false, ["0", "1", "2", "3", "7", "31", "32", "33", "(-1)", "(-7)", "255", "65536", "int.MaxValue", "int.MinValue", "(-2147483648)", "0x5A5A5A5A"]);

    public static readonly Number UInt = new("uint", 4, false, false, ["0u", "1u", "2u", "31u", "uint.MaxValue", "2147483648u", "0xDEADBEEFu", "255U"]);

    public static readonly Number Long = new(
        "long", 8, true, false, ["0L", "1L", "(-1L)", "63L", "long.MaxValue", "long.MinValue", "4294967296L", "(-4294967297L)", "9007199254740993L"]);

    public static readonly Number ULong = new(
        "ulong", 8, false, false, ["0UL", "1UL", "64UL", "ulong.MaxValue", "9223372036854775808UL", "0x8000008000000001UL", "16777217UL"]);

    public static readonly Number Float = new(
        "float", 4, true, true,
        [
            "0f", "(-0f)", "1f", "(-1f)", "0.5f", "0.1f", "2.5f", "(-3.5f)", "16777217f", "1e-40f", "1e30f", "3e9f", "(-1e10f)", "float.NaN", "float.Epsilon",
            "float.PositiveInfinity", "float.NegativeInfinity", "float.MaxValue", "float.MinValue", "MathF.PI", "1.17549435e-38f", "0.7f", "123.456f",
        ]);

    public static readonly Number Double = new(
        "double", 8, true, true,
        [
            "0.0", "(-0.0)", "1.0", "(-1d)", "0.5", "0.1", "2.5d", "1e-310", "1e300", "5e-324", "9.3e18", "(-1e20)", "double.NaN", "double.Epsilon",
            "double.PositiveInfinity", "double.NegativeInfinity", "double.MaxValue", "Math.E", "9007199254740993.0", "4294967295.5", "0.3",
        ]);

    public static readonly Number[] Narrow = [SByte, Byte, Short, UShort];

    public static readonly Number[] Whole = [Int, UInt, Long, ULong];

    public static readonly Number[] All = [Bool, .. Narrow, .. Whole, Float, Double];

    public bool IsWhole => !IsFloat && this != Bool;

    /// <summary>Whether arithmetic gives this type.</summary>
    public bool IsComputed => IsFloat || (IsWhole && Bytes >= 4);

    public override string ToString() => CSharp;

    /// <summary>The types that, beside this one, give this one: of <c>long + x</c> a long.</summary>
    public IEnumerable<Number> Partners() => All.Where(other => other == this || (this, other) switch
    {
        _ when other == Bool || this == Bool => false,
        ({ IsFloat: true }, _) => this == Double || other != Double,
        _ when this == Int => other.Bytes < 4,
        _ when this == Long => other.IsWhole && other != ULong,
        _ => other is { IsWhole: true, IsSigned: false } && other.Bytes < Bytes,
    });
}
