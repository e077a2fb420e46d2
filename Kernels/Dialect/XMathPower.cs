namespace MomentumCore.Kernels.Dialect;

/// <summary>x^y: the logarithm to base 2 in two parts, times y, and the power of two of that.</summary>
/// <remarks>The method and its coefficients are those of fdlibm's e_pow (Sun Microsystems, 1993).</remarks>
public static partial class XMath
{
    /// <summary>x^y. A negative x has a power only for a whole y.</summary>
    public static float Pow(float x, float y)
    {
        float a = MathF.Abs(x);
        bool tiny = a < 1.17549435e-38f;
        uint bits = Interop.FloatAsInt(tiny ? a * 16777216f : a);
        int n = (int)(bits >> 23) - 127 - (tiny ? 24 : 0);
        uint fraction = bits & 0x007FFFFFu;
        // The mantissa goes to [√(3/4), √3), around 1 or around 3/2.
        bool upper = fraction > 0x1CC471u && fraction < 0x5DB3D7u;
        bool next = fraction >= 0x5DB3D7u;
        n = next ? n + 1 : n;
        uint m = fraction | (next ? 0x3F000000u : 0x3F800000u);
        float ax = Interop.IntAsFloat(m);
        float b = upper ? 1.5f : 1f;
        float u = ax - b;
        float v = 1f / (ax + b);
        float s = u * v;
        float sHigh = HighPart(s);
        float tHigh = Interop.IntAsFloat((((m >> 1) & 0xFFFFF000u) | 0x20000000u) + 0x00400000u + (upper ? 0x00200000u : 0u));
        float tLow = ax - (tHigh - b);
        float sLow = v * (u - (sHigh * tHigh) - (sHigh * tLow));
        float z = s * s;
        float series = 2.0697501302e-01f;
        series = (series * z) + 2.3066075146e-01f;
        series = (series * z) + 2.7272811532e-01f;
        series = (series * z) + 3.3333334327e-01f;
        series = (series * z) + 4.2857143283e-01f;
        series = (series * z) + 6.0000002384e-01f;
        float r = (z * z * series) + (sLow * (sHigh + s));
        z = sHigh * sHigh;
        tHigh = HighPart(3f + z + r);
        tLow = r - (tHigh - 3f - z);
        u = sHigh * tHigh;
        v = (sLow * tHigh) + (tLow * s);
        float pHigh = HighPart(u + v);
        float pLow = v - (pHigh - u);
        float logHigh = 9.6191406250e-01f * pHigh;
        float logLow = (-1.1736857402e-04f * pHigh) + (pLow * 9.6179670095e-01f) + (upper ? 1.56322085e-06f : 0f);
        float offset = upper ? 5.84960938e-01f : 0f;
        float t = n;
        float t1 = HighPart(logHigh + logLow + offset + t);
        float t2 = logLow - (t1 - t - offset - logHigh);
        // log2 x = t1 + t2; times y in two parts, held within what has a finite power of two. Huge y go to ±2^100.
        float yy = y > 1.2676506e30f ? 1.2676506e30f : y < -1.2676506e30f ? -1.2676506e30f : y;
        float y1 = HighPart(yy);
        float low = ((yy - y1) * t1) + (yy * t2);
        float high = y1 * t1;
        float sum = low + high;
        float power = sum > 200f ? float.PositiveInfinity : sum < -200f ? 0f : PowerOfTwo(high, low);
        return PowerCases(x, y, a, power);
    }

    /// <summary>x^y. A negative x has a power only for a whole y.</summary>
    public static double Pow(double x, double y)
    {
        double a = Math.Abs(x);
        bool tiny = a < 2.2250738585072014e-308;
        ulong bits = Interop.FloatAsInt(tiny ? a * 9007199254740992.0 : a);
        int n = (int)(bits >> 52) - 1023 - (tiny ? 53 : 0);
        ulong fraction = bits & 0x000FFFFFFFFFFFFFUL;
        bool upper = fraction > 0x3988EFFFFFFFFUL && fraction < 0xBB67A00000000UL;
        bool next = fraction >= 0xBB67A00000000UL;
        n = next ? n + 1 : n;
        ulong m = fraction | (next ? 0x3FE0000000000000UL : 0x3FF0000000000000UL);
        double ax = Interop.IntAsFloat(m);
        double b = upper ? 1.5 : 1.0;
        double u = ax - b;
        double v = 1.0 / (ax + b);
        double s = u * v;
        double sHigh = HighPart(s);
        uint top = (uint)(m >> 32);
        double tHigh = Interop.IntAsFloat((ulong)(((top >> 1) | 0x20000000u) + 0x00080000u + (upper ? 0x00040000u : 0u)) << 32);
        double tLow = ax - (tHigh - b);
        double sLow = v * (u - (sHigh * tHigh) - (sHigh * tLow));
        double z = s * s;
        double series = 2.06975017800338417784e-01;
        series = (series * z) + 2.30660745775561754067e-01;
        series = (series * z) + 2.72728123808534006489e-01;
        series = (series * z) + 3.33333329818377432918e-01;
        series = (series * z) + 4.28571428578550184252e-01;
        series = (series * z) + 5.99999999999994648725e-01;
        double r = (z * z * series) + (sLow * (sHigh + s));
        z = sHigh * sHigh;
        tHigh = HighPart(3.0 + z + r);
        tLow = r - (tHigh - 3.0 - z);
        u = sHigh * tHigh;
        v = (sLow * tHigh) + (tLow * s);
        double pHigh = HighPart(u + v);
        double pLow = v - (pHigh - u);
        double logHigh = 9.61796700954437255859e-01 * pHigh;
        double logLow = (-7.02846165095275826516e-09 * pHigh) + (pLow * 9.61796693925975554329e-01)
            + (upper ? 1.35003920212974897128e-08 : 0.0);
        double offset = upper ? 5.84962487220764160156e-01 : 0.0;
        double t = n;
        double t1 = HighPart(logHigh + logLow + offset + t);
        double t2 = logLow - (t1 - t - offset - logHigh);
        double yy = y > 1e100 ? 1e100 : y < -1e100 ? -1e100 : y;
        double y1 = HighPart(yy);
        double low = ((yy - y1) * t1) + (yy * t2);
        double high = y1 * t1;
        double sum = low + high;
        double power = sum > 1100.0 ? double.PositiveInfinity : sum < -1100.0 ? 0.0 : PowerOfTwo(high, low);
        return PowerCases(x, y, a, power);
    }

    /// <summary>2^(high + low).</summary>
    private static float PowerOfTwo(float high, float low)
    {
        float n = MathF.Round(high + low);
        float h = high - n;
        float t = HighPart(low + h);
        float u = t * 6.93145752e-01f;
        float v = ((low - (t - h)) * 6.9314718246e-01f) + (t * 1.42860654e-06f);
        float z = u + v;
        float w = v - (z - u);
        float q = z * z;
        float p = 4.1381369442e-08f;
        p = (p * q) - 1.6533901999e-06f;
        p = (p * q) + 6.6137559770e-05f;
        p = (p * q) - 2.7777778450e-03f;
        p = (p * q) + 1.6666667163e-01f;
        float c = z - (q * p);
        float r = (z * c / (c - 2f)) - (w + (z * w));
        return Scale(1f - (r - z), (int)n);
    }

    /// <summary>2^(high + low).</summary>
    private static double PowerOfTwo(double high, double low)
    {
        double n = Math.Round(high + low);
        double h = high - n;
        double t = HighPart(low + h);
        double u = t * 6.93147182464599609375e-01;
        double v = ((low - (t - h)) * 6.93147180559945286227e-01) + (t * -1.90465429995776804525e-09);
        double z = u + v;
        double w = v - (z - u);
        double q = z * z;
        double p = 4.13813679705723846039e-08;
        p = (p * q) - 1.65339022054652515390e-06;
        p = (p * q) + 6.61375632143793436117e-05;
        p = (p * q) - 2.77777777770155933842e-03;
        p = (p * q) + 1.66666666666666019037e-01;
        double c = z - (q * p);
        double r = (z * c / (c - 2.0)) - (w + (z * w));
        return Scale(1.0 - (r - z), (int)n);
    }

    /// <summary>The cases that C99 lists for pow, and the sign.</summary>
    private static float PowerCases(float x, float y, float a, float power)
    {
        float whole = MathF.Truncate(y);
        bool isWhole = whole == y;
        bool isOdd = isWhole && MathF.Abs(y) < 16777216f && MathF.Truncate(y * 0.5f) * 2f != y;
        bool negative = (Interop.FloatAsInt(x) & 0x80000000u) != 0u;
        float size = a == 0f ? (y < 0f ? float.PositiveInfinity : 0f)
            : a == float.PositiveInfinity ? (y < 0f ? 0f : float.PositiveInfinity)
            : MathF.Abs(y) == float.PositiveInfinity
                ? (a == 1f ? 1f : (a > 1f) == (y > 0f) ? float.PositiveInfinity : 0f)
            : power;
        float signed = negative && isOdd ? -size : size;
        bool noPower = negative && !isWhole && a != 0f && a != float.PositiveInfinity;
        return y == 0f || x == 1f ? 1f
            : float.IsNaN(x) || float.IsNaN(y) || noPower ? float.NaN
            : signed;
    }

    /// <summary>The cases that C99 lists for pow, and the sign.</summary>
    private static double PowerCases(double x, double y, double a, double power)
    {
        double whole = Math.Truncate(y);
        bool isWhole = whole == y;
        bool isOdd = isWhole && Math.Abs(y) < 9007199254740992.0 && Math.Truncate(y * 0.5) * 2.0 != y;
        bool negative = (Interop.FloatAsInt(x) & 0x8000000000000000UL) != 0UL;
        double size = a == 0.0 ? (y < 0.0 ? double.PositiveInfinity : 0.0)
            : a == double.PositiveInfinity ? (y < 0.0 ? 0.0 : double.PositiveInfinity)
            : Math.Abs(y) == double.PositiveInfinity
                ? (a == 1.0 ? 1.0 : (a > 1.0) == (y > 0.0) ? double.PositiveInfinity : 0.0)
            : power;
        double signed = negative && isOdd ? -size : size;
        bool noPower = negative && !isWhole && a != 0.0 && a != double.PositiveInfinity;
        return y == 0.0 || x == 1.0 ? 1.0
            : double.IsNaN(x) || double.IsNaN(y) || noPower ? double.NaN
            : signed;
    }

    /// <summary>The upper 12 bits of the mantissa: products of two such parts are exact.</summary>
    private static float HighPart(float x) => Interop.IntAsFloat(Interop.FloatAsInt(x) & 0xFFFFF000u);

    /// <summary>The upper 21 bits of the mantissa: products of two such parts are exact.</summary>
    private static double HighPart(double x) => Interop.IntAsFloat(Interop.FloatAsInt(x) & 0xFFFFFFFF00000000UL);
}
