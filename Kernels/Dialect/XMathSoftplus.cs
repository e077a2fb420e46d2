namespace MomentumCore.Kernels.Dialect;

/// <summary>log(1 + e^x), which losses and smooth activations are made of.</summary>
public static partial class XMath
{
    /// <summary>log(1 + e^x), as max(x, 0) + log(1 + e^−|x|), so that nothing overflows.</summary>
    public static float Softplus(float x)
    {
        // log(1 + t) for t from 0 to 1 is 2 artanh(s), s = t / (2 + t): no exponent to take off. Fitted to the least largest error.
        float t = Exp(-MathF.Abs(x));
        float s = t / (2f + t);
        float z = s * s;
        float p = 2.80244589e-1f;
        p = (p * z) + 2.79991418e-1f;
        p = (p * z) + 4.00216997e-1f;
        p = (p * z) + 6.66664124e-1f;
        return (x > 0f ? x : 0f) + ((p * z * s) + (s + s));
    }

    /// <summary>log(1 + e^x), as max(x, 0) + log(1 + e^−|x|), so that nothing overflows.</summary>
    public static double Softplus(double x) => (x > 0.0 ? x : 0.0) + Log1P(Exp(-Math.Abs(x)));
}
