namespace MomentumCore.Kernels.Dialect;

/// <summary>
/// The functions that a kernel may call besides MathF's exact ones, in float and double. They are written in the kernel
/// language themselves, so that every device gives the same bits.
/// </summary>
public static partial class XMath
{
    /// <summary>1 / sqrt(x).</summary>
    public static float Rsqrt(float x) => 1f / MathF.Sqrt(x);

    /// <summary>1 / sqrt(x).</summary>
    public static double Rsqrt(double x) => 1.0 / Math.Sqrt(x);

    /// <summary>1 / x.</summary>
    public static float Rcp(float x) => 1f / x;

    /// <summary>1 / x.</summary>
    public static double Rcp(double x) => 1.0 / x;
}
