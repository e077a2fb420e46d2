namespace MomentumCore.Kernels.Dialect;

/// <summary>The natural logarithm.</summary>
/// <remarks>Double: fdlibm's series in s = f / (2 + f). Float: the polynomial of S. Moshier's Cephes, which needs no division.</remarks>
public static partial class XMath
{
    /// <summary>The natural logarithm; −∞ at 0, NaN below.</summary>
    public static float Log(float x)
    {
        uint bits = Interop.FloatAsInt(x);
        bool isOrdinary = bits - 0x00800000u < 0x7F000000u;
        float bias = 127f;
        if (!isOrdinary)
        {
            // A subnormal is scaled up first.
            bits = Interop.FloatAsInt(x * 33554432f);
            bias = 152f;
        }

        // x = 2^k (1 + f) with 1 + f from √½ to √2.
        bits = bits + (0x3F800000u - 0x3F3504F3u);
        float k = (int)(bits >> 23) - bias;
        float f = Interop.IntAsFloat((bits & 0x007FFFFFu) + 0x3F3504F3u) - 1f;
        float z = f * f;
        float p = 7.0376836292e-2f;
        p = (p * f) - 1.1514610310e-1f;
        p = (p * f) + 1.1676998740e-1f;
        p = (p * f) - 1.2420140846e-1f;
        p = (p * f) + 1.4249322787e-1f;
        p = (p * f) - 1.6668057665e-1f;
        p = (p * f) + 2.0000714765e-1f;
        p = (p * f) - 2.4999993993e-1f;
        p = (p * f) + 3.3333331174e-1f;
        float y = f + ((p * f * z) + (k * -2.12194440e-4f) - (0.5f * z)) + (k * 0.693359375f);
        if (!isOrdinary)
        {
            y = x > 0f && x <= 3.40282347e+38f ? y
                : x == 0f ? float.NegativeInfinity
                : x > 0f ? x
                : float.NaN;
        }

        return y;
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

    /// <summary>log(1 + x), accurate near 0 (Kahan's correction: W. Kahan, HP-15C handbook, 1982).</summary>
    public static float Log1P(float x)
    {
        float u = 1f + x;
        return u == 1f ? x : u > 3.40282347e+38f ? u : Log(u) * (x / (u - 1f));
    }

    /// <summary>log(1 + x), accurate near 0 (Kahan's correction: W. Kahan, HP-15C handbook, 1982).</summary>
    public static double Log1P(double x)
    {
        double u = 1.0 + x;
        return u == 1.0 ? x : u > 1.7976931348623157e+308 ? u : Log(u) * (x / (u - 1.0));
    }
}
