namespace MomentumCore.Kernels.Dialect;

/// <summary>The natural logarithm, by fdlibm's series in s = f / (2 + f).</summary>
public static partial class XMath
{
    /// <summary>The natural logarithm; −∞ at 0, NaN below.</summary>
    public static float Log(float x)
    {
        // A subnormal is scaled up first.
        bool tiny = x < 1.17549435e-38f;
        uint bits = Interop.FloatAsInt(tiny ? x * 33554432f : x) + (0x3F800000u - 0x3F3504F3u);
        float k = (int)(bits >> 23) - 127 - (tiny ? 25 : 0);
        float f = Interop.IntAsFloat((bits & 0x007FFFFFu) + 0x3F3504F3u) - 1f;
        float s = f / (2f + f);
        float z = s * s;
        float w = z * z;
        float odd = w * ((0.24279078841f * w) + 0.40000972152f);
        float even = z * ((0.28498786688f * w) + 0.66666662693f);
        float half = 0.5f * f * f;
        float y = (s * (half + (even + odd))) + (k * 9.0580006145e-06f) - half + f + (k * 6.9313812256e-01f);
        return x > 0f && x <= 3.40282347e+38f ? y
            : x == 0f ? float.NegativeInfinity
            : x > 0f ? x
            : float.NaN;
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
