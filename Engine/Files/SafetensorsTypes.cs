namespace MomentumCore.Engine;

/// <summary>The names that safetensors files give to element types.</summary>
internal static class SafetensorsTypes
{
    public const string Loadable = "F64, F32, F16, BF16, I64 or I32";

    /// <summary>Bits of an element of any type the format knows, or 0 for an unknown name.</summary>
    public static int Bits(string name) => name switch
    {
        "F64" or "I64" or "U64" or "C64" => 64,
        "F32" or "I32" or "U32" => 32,
        "F16" or "BF16" or "I16" or "U16" => 16,
        "I8" or "U8" or "BOOL" or "F8_E4M3" or "F8_E5M2" or "F8_E8M0" => 8,
        "F6_E2M3" or "F6_E3M2" => 6,
        "F4" => 4,
        _ => 0,
    };

    public static DType? ToDType(string name) => name switch
    {
        "F64" => DType.Float64,
        "F32" => DType.Float32,
        "F16" => DType.Float16,
        "BF16" => DType.BFloat16,
        "I64" => DType.Int64,
        "I32" => DType.Int32,
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
