namespace MomentumCore.Kernels.Compiler.Ir;

/// <summary>The types of values in a kernel.</summary>
internal enum Scalar
{
    Void,
    Bool,
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    F32,
    F64,
}

/// <summary>Facts about value types.</summary>
internal static class Scalars
{
    public static bool IsFloat(this Scalar type) => type is Scalar.F32 or Scalar.F64;

    public static bool IsInteger(this Scalar type) => type is >= Scalar.I8 and <= Scalar.U64;

    public static bool IsSigned(this Scalar type) => type is Scalar.I8 or Scalar.I16 or Scalar.I32 or Scalar.I64;

    public static int Bytes(this Scalar type) => type switch
    {
        Scalar.I8 or Scalar.U8 or Scalar.Bool => 1,
        Scalar.I16 or Scalar.U16 => 2,
        Scalar.I64 or Scalar.U64 or Scalar.F64 => 8,
        _ => 4,
    };

    /// <summary>The C# keyword.</summary>
    public static string CSharp(this Scalar type) => type switch
    {
        Scalar.Void => "void",
        Scalar.Bool => "bool",
        Scalar.I8 => "sbyte",
        Scalar.U8 => "byte",
        Scalar.I16 => "short",
        Scalar.U16 => "ushort",
        Scalar.I32 => "int",
        Scalar.U32 => "uint",
        Scalar.I64 => "long",
        Scalar.U64 => "ulong",
        Scalar.F32 => "float",
        _ => "double",
    };
}
