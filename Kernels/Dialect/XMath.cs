namespace MomentumCore.Kernels.Dialect;

/// <summary>The transcendental functions that a kernel may call, in float and double.</summary>
public static partial class XMath
{
    /// <summary>e^x.</summary>
    public static float Exp(float x) => MathF.Exp(x);

    /// <summary>e^x.</summary>
    public static double Exp(double x) => Math.Exp(x);

    /// <summary>The natural logarithm.</summary>
    public static float Log(float x) => MathF.Log(x);

    /// <summary>The natural logarithm.</summary>
    public static double Log(double x) => Math.Log(x);

    /// <summary>log(1 + x), accurate near 0.</summary>
    public static float Log1P(float x) => (float)Log1P((double)x);

    /// <summary>log(1 + x), accurate near 0 (Kahan's correction: W. Kahan, HP-15C handbook, 1982).</summary>
    public static double Log1P(double x)
    {
        double u = 1.0 + x;
        if (u == 1.0)
            return x;
        if (double.IsPositiveInfinity(u))
            return u;
        return Math.Log(u) * x / (u - 1.0);
    }

    /// <summary>x^y.</summary>
    public static float Pow(float x, float y) => MathF.Pow(x, y);

    /// <summary>x^y.</summary>
    public static double Pow(double x, double y) => Math.Pow(x, y);

    /// <summary>The hyperbolic tangent.</summary>
    public static float Tanh(float x) => MathF.Tanh(x);

    /// <summary>The hyperbolic tangent.</summary>
    public static double Tanh(double x) => Math.Tanh(x);

    /// <summary>The sine of an angle in radians.</summary>
    public static float Sin(float x) => MathF.Sin(x);

    /// <summary>The sine of an angle in radians.</summary>
    public static double Sin(double x) => Math.Sin(x);

    /// <summary>The cosine of an angle in radians.</summary>
    public static float Cos(float x) => MathF.Cos(x);

    /// <summary>The cosine of an angle in radians.</summary>
    public static double Cos(double x) => Math.Cos(x);

    /// <summary>1 / sqrt(x).</summary>
    public static float Rsqrt(float x) => 1f / MathF.Sqrt(x);

    /// <summary>1 / sqrt(x).</summary>
    public static double Rsqrt(double x) => 1.0 / Math.Sqrt(x);

    /// <summary>1 / x.</summary>
    public static float Rcp(float x) => 1f / x;

    /// <summary>1 / x.</summary>
    public static double Rcp(double x) => 1.0 / x;
}
