namespace MomentumCore.Kernels.Dialect;

/// <summary>The natural logarithm.</summary>
/// <remarks>
/// After fdlibm: log(1 + f) is a series in s = f / (2 + f), short enough to make up for the division. Float: three terms,
/// fitted to the least largest error.
/// </remarks>
public static partial class XMath
{
    /// <summary>The natural logarithm; −∞ at 0, NaN below.</summary>
    public static float Log(float x)
    {
        uint bits = Interop.FloatAsInt(x);
        // x = 2^k (1 + f) with 1 + f from 0.7 to 1.4, if x is a normal number.
        uint above = bits - 0x3F330000u;
        float k = (int)above >> 23;
        float f = Interop.IntAsFloat(bits - (above & 0xFF800000u)) - 1f;
        float y = LogOfParts(k, f, f / (2f + f), k * 9.0580006145e-06f);
        if (bits - 0x00800000u >= 0x7F000000u)
            y = LogOfOthers(x);
        return y;
    }

    /// <summary>The logarithm of what is not a normal number above 0.</summary>
    private static float LogOfOthers(float x)
    {
        // A subnormal, scaled up.
        uint bits = Interop.FloatAsInt(x * 33554432f);
        uint above = bits - 0x3F330000u;
        float k = ((int)above >> 23) - 25;
        float f = Interop.IntAsFloat(bits - (above & 0xFF800000u)) - 1f;
        float y = LogOfParts(k, f, f / (2f + f), k * 9.0580006145e-06f);
        return x > 0f && x <= 3.40282347e+38f ? y
            : x == 0f ? float.NegativeInfinity
            : x > 0f ? x
            : float.NaN;
    }

    /// <summary>k log 2 + log(1 + f), given s = f / (2 + f) and the small part of k log 2 with what else is to be added.</summary>
    private static float LogOfParts(float k, float f, float s, float small)
    {
        float z = s * s;
        float series = z * ((((2.98311449163e-01f * z) + 3.99791324255e-01f) * z) + 6.66667637446e-01f);
        float half = 0.5f * f * f;
        return (k * 6.9313812256e-01f) - (half - ((s * (half + series)) + small) - f);
    }

    /// <summary>The natural logarithm; −∞ at 0, NaN below.</summary>
    public static double Log(double x)
    {
        bool tiny = x < 2.2250738585072014e-308;
        ulong bits = Interop.FloatAsInt(tiny ? x * 18014398509481984.0 : x) + (0x3FF0000000000000UL - 0x3FE6A09E667F3BCDUL);
        double k = (int)(bits >> 52) - 1023 - (tiny ? 54 : 0);
        double f = Interop.IntAsFloat((bits & 0x000FFFFFFFFFFFFFUL) + 0x3FE6A09E667F3BCDUL) - 1.0;
        double s = f / (2.0 + f);
        double z = s * s;
        double w = z * z;
        double odd = w * ((((1.531383769920937332e-01 * w) + 2.222219843214978396e-01) * w) + 3.999999999940941908e-01);
        double even = z * ((((((1.479819860511658591e-01 * w) + 1.818357216161805012e-01) * w) + 2.857142874366239149e-01) * w)
            + 6.666666666666735130e-01);
        double half = 0.5 * f * f;
        double y = (k * 6.93147180369123816490e-01)
            - (half - ((s * (half + (even + odd))) + (k * 1.90821492927058770002e-10)) - f);
        return x > 0.0 && x <= 1.7976931348623157e+308 ? y
            : x == 0.0 ? double.NegativeInfinity
            : x > 0.0 ? x
            : double.NaN;
    }

    /// <summary>log(1 + x), accurate near 0.</summary>
    public static float Log1P(float x)
    {
        // Log of u, and what u was rounded by, over u: with 1 + f = (1 + s) / (1 - s), 1 / (1 + f) is 1 - 2 s + 2 s^2 - ...
        float u = 1f + x;
        uint bits = Interop.FloatAsInt(u);
        uint above = bits - 0x3F330000u;
        uint exponent = above & 0xFF800000u;
        float k = (int)above >> 23;
        float f = Interop.IntAsFloat(bits - exponent) - 1f;
        float rounded = (x - (u - 1f)) * Interop.IntAsFloat(0x3F800000u - exponent);
        float s = f / (2f + f);
        float small = (k * 9.0580006145e-06f) + (rounded * (1f - ((s + s) * (1f - s))));
        // Of the sign of x, which is all there is to log(1 − 0).
        float y = MathF.CopySign(LogOfParts(k, f, s, small), x);
        if (bits - 0x00800000u >= 0x7E000000u)
            y = Log(u);
        return y;
    }

    /// <summary>log(1 + x), accurate near 0 (Kahan's correction: W. Kahan, HP-15C handbook, 1982).</summary>
    public static double Log1P(double x)
    {
        double u = 1.0 + x;
        return u == 1.0 ? x : u > 1.7976931348623157e+308 ? u : Log(u) * (x / (u - 1.0));
    }
}
