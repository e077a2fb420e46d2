using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>
/// Kernels between Float32 and the 16-bit floats, done on the bits so that every device rounds alike.
/// </summary>
public static partial class HalfConversions
{
    /// <summary>2^112: moves an exponent of Float16 (bias 15) to that of Float32 (bias 127).</summary>
    private const float HalfScale = 5.192296858534828e33f;

    /// <summary>y = x for x given by the bits of a Float16, exact.</summary>
    [Kernel(FloatOnly = true)]
    public static void FromFloat16(Index1D i, ArrayView<short> x, ArrayView<float> y) =>
        y[i] = HalfToFloat((ushort)x[i]);

    /// <summary>The bits of the Float16 nearest to x, ties to even; what is too large becomes infinite.</summary>
    [Kernel(FloatOnly = true)]
    public static void ToFloat16(Index1D i, ArrayView<float> x, ArrayView<short> y) => y[i] = (short)FloatToHalf(x[i]);

    /// <summary>y = x for x given by the bits of a BFloat16, exact.</summary>
    [Kernel(FloatOnly = true)]
    public static void FromBFloat16(Index1D i, ArrayView<short> x, ArrayView<float> y) =>
        y[i] = Interop.IntAsFloat((uint)(ushort)x[i] << 16);

    /// <summary>The bits of the BFloat16 nearest to x, ties to even.</summary>
    [Kernel(FloatOnly = true)]
    public static void ToBFloat16(Index1D i, ArrayView<float> x, ArrayView<short> y) =>
        y[i] = (short)FloatToBrain(x[i]);

    private static float HalfToFloat(uint half)
    {
        uint magnitude = half & 0x7FFF;
        uint sign = (half & 0x8000) << 16;
        if (magnitude >= 0x7C00)
            return Interop.IntAsFloat(sign | 0x7F800000 | ((magnitude & 0x3FF) << 13));
        // The product is exact, and it normalises the subnormal halves.
        float scaled = Interop.IntAsFloat(magnitude << 13) * HalfScale;
        return Interop.IntAsFloat(sign | Interop.FloatAsInt(scaled));
    }

    private static uint FloatToHalf(float x)
    {
        uint bits = Interop.FloatAsInt(x);
        uint sign = (bits >> 16) & 0x8000;
        uint magnitude = bits & 0x7FFFFFFF;
        if (magnitude > 0x7F800000)
            return sign | 0x7E00 | ((magnitude >> 13) & 0x3FF);
        // 65520 and above rounds to infinity.
        if (magnitude >= 0x477FF000)
            return sign | 0x7C00;
        // Below 2^−14 the result is subnormal: adding 0.5 lets the float unit round at bit 2^−24.
        if (magnitude < 0x38800000)
            return sign | (Interop.FloatAsInt(Interop.IntAsFloat(magnitude) + 0.5f) - 0x3F000000);
        uint odd = (magnitude >> 13) & 1;
        return sign | ((magnitude - 0x38000000 + 0xFFF + odd) >> 13);
    }

    private static uint FloatToBrain(float x)
    {
        uint bits = Interop.FloatAsInt(x);
        if ((bits & 0x7FFFFFFF) > 0x7F800000)
            return (bits >> 16) | 0x40;
        return (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
    }
}
