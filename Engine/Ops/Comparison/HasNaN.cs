namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>Whether any element is not a number. Integers never are.</summary>
    public bool HasNaN() => DType switch
    {
        DType.Float32 => ToArray<float>().AsSpan().ContainsAnyNaN(),
        DType.Float64 => ToArray<double>().AsSpan().ContainsAnyNaN(),
        _ => false,
    };
}

internal static class NaNSearch
{
    public static bool ContainsAnyNaN<T>(this Span<T> values)
        where T : System.Numerics.INumber<T>
    {
        foreach (var value in values)
        {
            if (T.IsNaN(value))
                return true;
        }

        return false;
    }
}
