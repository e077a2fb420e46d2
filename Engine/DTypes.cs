namespace MomentumCore.Engine;

/// <summary>Facts about element types.</summary>
public static class DTypes
{
    /// <summary>Bytes of one element.</summary>
    public static int Size(this DType type) => type switch
    {
        DType.Float64 or DType.Int64 => 8,
        DType.Float16 or DType.BFloat16 => 2,
        _ => 4,
    };

    /// <summary>True for the types that compute and have derivatives: Float32 and Float64.</summary>
    public static bool IsFloat(this DType type) => type is DType.Float32 or DType.Float64;

    /// <summary>True for Int32 and Int64.</summary>
    public static bool IsInteger(this DType type) => type is DType.Int32 or DType.Int64;

    /// <summary>
    /// The type that stands in for a type while computing: Float32 for the 16-bit floats, else the type itself.
    /// </summary>
    internal static DType Computes(this DType type) =>
        type is DType.Float16 or DType.BFloat16 ? DType.Float32 : type;

    /// <summary>Whether a number that is finite stays so in a type.</summary>
    internal static bool Reaches(this DType type, double value) => !double.IsFinite(value) || type switch
    {
        DType.Float16 => Half.IsFinite((Half)value),
        DType.BFloat16 => float.IsFinite((float)(BFloat16)(float)value),
        DType.Float32 => float.IsFinite((float)value),
        _ => true,
    };

    /// <summary>The type, unless its number stands for none.</summary>
    /// <exception cref="DTypeException">A number was cast to a type that there is not.</exception>
    internal static DType Known(this DType type) => type is >= DType.Float32 and <= DType.BFloat16
        ? type
        : throw new DTypeException(
            $"There is no element type number {(int)type}; use one of {string.Join(", ", Enum.GetNames<DType>())}.");

    /// <summary>The element type that holds a C# type.</summary>
    /// <exception cref="DTypeException">No element type holds it.</exception>
    public static DType Of<T>()
        where T : unmanaged =>
        typeof(T) == typeof(float) ? DType.Float32
        : typeof(T) == typeof(double) ? DType.Float64
        : typeof(T) == typeof(int) ? DType.Int32
        : typeof(T) == typeof(long) ? DType.Int64
        : typeof(T) == typeof(Half) ? DType.Float16
        : typeof(T) == typeof(BFloat16) ? DType.BFloat16
        : throw new DTypeException(
            $"A tensor cannot hold {typeof(T).Name}; it holds float, double, int, long, Half or BFloat16.");
}
