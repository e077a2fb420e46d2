namespace MomentumCore.Kernels.Dialect;

/// <summary>e^x and its relatives, from additions and multiplications alone, so that every device gives the same bits.</summary>
/// <remarks>
/// Range reduction after W. J. Cody and W. Waite (Software Manual for the Elementary Functions, 1980); the polynomials are
/// those of S. Moshier's Cephes (float) and of fdlibm (double).
/// </remarks>
public static partial class XMath
{
    /// <summary>e^x.</summary>
    public static float Exp(float x)
    {
        // Beyond these the result is 0 or infinite; a NaN passes through.
        float t = x > 89f ? 89f : x < -104f ? -104f : x;
        // 1.5 * 2^23 leaves no bits behind the point: a rounding to the nearest integer, which then stands in the low bits.
        float shifted = (t * 1.44269504f) + 12582912f;
        float k = shifted - 12582912f;
        float r = t - (k * 0.693359375f) - (k * -2.12194440e-4f);
        float p = 1.9875691500e-4f;
        p = (p * r) + 1.3981999507e-3f;
        p = (p * r) + 8.3334519073e-3f;
        p = (p * r) + 4.1665795894e-2f;
        p = (p * r) + 1.6666665459e-1f;
        p = (p * r) + 5.0000001201e-1f;
        return Scale((p * r * r) + r + 1f, (int)(Interop.FloatAsInt(shifted) - 0x4B400000u));
    }

    /// <summary>e^x.</summary>
    public static double Exp(double x)
    {
        double t = x > 710.0 ? 710.0 : x < -746.0 ? -746.0 : x;
        double k = Math.Round(t * 1.44269504088896338700);
        double high = t - (k * 6.93147180369123816490e-01);
        double low = k * 1.90821492927058770002e-10;
        double r = high - low;
        double z = r * r;
        double p = 4.13813679705723846039e-08;
        p = (p * z) - 1.65339022054652515390e-06;
        p = (p * z) + 6.61375632143793436117e-05;
        p = (p * z) - 2.77777777770155933842e-03;
        p = (p * z) + 1.66666666666666019037e-01;
        double c = r - (z * p);
        return Scale(1.0 - (low - (r * c / (2.0 - c)) - high), (int)k);
    }

    /// <summary>The hyperbolic tangent.</summary>
    public static float Tanh(float x)
    {
        float a = MathF.Abs(x);
        float z = x * x;
        float p = -5.70498872745e-3f;
        p = (p * z) + 2.06390887954e-2f;
        p = (p * z) - 5.37397155531e-2f;
        p = (p * z) + 1.33314422036e-1f;
        p = (p * z) - 3.33332819422e-1f;
        float near = (p * z * a) + a;
        float far = 1f - (2f / (Exp(a + a) + 1f));
        return MathF.CopySign(a < 0.625f ? near : far, x);
    }

    /// <summary>The hyperbolic tangent.</summary>
    public static double Tanh(double x)
    {
        double a = Math.Abs(x);
        double z = x * x;
        double p = (((-9.64399179425052238628e-1 * z) - 9.92877231001918586564e1) * z) - 1.61468768441708447952e3;
        double q = ((((z + 1.12811678491632931402e2) * z) + 2.23548839060100448583e3) * z) + 4.84406305325125486048e3;
        double near = a + (a * z * (p / q));
        double far = 1.0 - (2.0 / (Exp(a + a) + 1.0));
        return Math.CopySign(a < 0.625 ? near : far, x);
    }

    /// <summary>y · 2^k for k from −300 to 300, in two steps, so that the result may be subnormal or infinite.</summary>
    private static float Scale(float y, int k)
    {
        int half = k >> 1;
        return y * PowerOfTwo(half) * PowerOfTwo(k - half);
    }

    /// <summary>y · 2^k for k from −2000 to 2000, in two steps, so that the result may be subnormal or infinite.</summary>
    private static double Scale(double y, int k)
    {
        int half = k >> 1;
        return y * PowerOfTwoDouble(half) * PowerOfTwoDouble(k - half);
    }

    /// <summary>2^k for a normal result.</summary>
    private static float PowerOfTwo(int k) => Interop.IntAsFloat((uint)(k + 127) << 23);

    /// <summary>2^k for a normal result.</summary>
    private static double PowerOfTwoDouble(int k) => Interop.IntAsFloat((ulong)(k + 1023) << 52);
}
