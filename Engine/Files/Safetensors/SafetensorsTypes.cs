namespace MomentumCore.Engine;

/// <summary>The names that safetensors files give to element types.</summary>
internal static class SafetensorsTypes
{
    /// <summary>Bits of an element of any type the format knows, or 0 for an unknown name.</summary>
    public static int Bits(string name) => name switch
    {
        "F8_E4M3" or "F8_E5M2" or "F8_E8M0" => 8,
        "F6_E2M3" or "F6_E3M2" => 6,
        "F4" => 4,
        _ => Stored(name) is { } type ? 8 * type.Size() : 0,
    };

    /// <summary>The element type that a name stands for; null for the small floats and for unknown names.</summary>
    public static StoredType? Stored(string name) => name switch
    {
        "F64" => StoredType.Float64,
        "F32" => StoredType.Float32,
        "F16" => StoredType.Float16,
        "BF16" => StoredType.BFloat16,
        "I64" => StoredType.Int64,
        "I32" => StoredType.Int32,
        "I16" => StoredType.Int16,
        "I8" => StoredType.Int8,
        "U64" => StoredType.UInt64,
        "U32" => StoredType.UInt32,
        "U16" => StoredType.UInt16,
        "U8" => StoredType.UInt8,
        "BOOL" => StoredType.Bool,
        "C64" => StoredType.Complex64,
        _ => null,
    };

    public static string FromDType(DType dtype) => dtype switch
    {
        DType.Float64 => "F64",
        DType.Float32 => "F32",
        DType.Float16 => "F16",
        DType.BFloat16 => "BF16",
        DType.Int64 => "I64",
        _ => "I32",
    };
}
