using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>Kernels of plain arithmetic: each element of the result from the elements at the same place.</summary>
public static partial class Arithmetic
{
    /// <summary>y = a + b.</summary>
    [Kernel(Integers = true)]
    public static void Add(Index1D i, ArrayView<float> a, ArrayView<float> b, ArrayView<float> y) => y[i] = a[i] + b[i];

    /// <summary>y = a − b.</summary>
    [Kernel(Integers = true)]
    public static void Subtract(Index1D i, ArrayView<float> a, ArrayView<float> b, ArrayView<float> y) =>
        y[i] = a[i] - b[i];

    /// <summary>y = a · b.</summary>
    [Kernel(Integers = true)]
    public static void Multiply(Index1D i, ArrayView<float> a, ArrayView<float> b, ArrayView<float> y) =>
        y[i] = a[i] * b[i];

    /// <summary>y = a / b.</summary>
    [Kernel]
    public static void Divide(Index1D i, ArrayView<float> a, ArrayView<float> b, ArrayView<float> y) =>
        y[i] = a[i] / b[i];

    /// <summary>y = x + s.</summary>
    [Kernel(Integers = true)]
    public static void AddScalar(Index1D i, ArrayView<float> x, ArrayView<float> y, float s) => y[i] = x[i] + s;

    /// <summary>y = s − x.</summary>
    [Kernel(Integers = true)]
    public static void SubtractFromScalar(Index1D i, ArrayView<float> x, ArrayView<float> y, float s) =>
        y[i] = s - x[i];

    /// <summary>y = x · s.</summary>
    [Kernel(Integers = true)]
    public static void MultiplyScalar(Index1D i, ArrayView<float> x, ArrayView<float> y, float s) => y[i] = x[i] * s;

    /// <summary>y = x / s.</summary>
    [Kernel]
    public static void DivideByScalar(Index1D i, ArrayView<float> x, ArrayView<float> y, float s) => y[i] = x[i] / s;

    /// <summary>y = s / x.</summary>
    [Kernel]
    public static void DivideScalar(Index1D i, ArrayView<float> x, ArrayView<float> y, float s) => y[i] = s / x[i];

    /// <summary>y = −x.</summary>
    [Kernel(Integers = true)]
    public static void Negate(Index1D i, ArrayView<float> x, ArrayView<float> y) => y[i] = -x[i];

    /// <summary>y = x².</summary>
    [Kernel]
    public static void Square(Index1D i, ArrayView<float> x, ArrayView<float> y) => y[i] = x[i] * x[i];

    /// <summary>y = 1 / x.</summary>
    [Kernel]
    public static void Reciprocal(Index1D i, ArrayView<float> x, ArrayView<float> y) => y[i] = 1f / x[i];

    /// <summary>y = √x.</summary>
    [Kernel]
    public static void Sqrt(Index1D i, ArrayView<float> x, ArrayView<float> y) => y[i] = MathF.Sqrt(x[i]);

    /// <summary>y = |x|.</summary>
    [Kernel]
    public static void Abs(Index1D i, ArrayView<float> x, ArrayView<float> y) => y[i] = MathF.Abs(x[i]);

    /// <summary>y = 1, 0 or −1 by the sign of x; NaN stays NaN.</summary>
    [Kernel]
    public static void Sign(Index1D i, ArrayView<float> x, ArrayView<float> y) =>
        y[i] = x[i] > 0f ? 1f : x[i] < 0f ? -1f : x[i];

    /// <summary>y = e^x.</summary>
    [Kernel]
    public static void Exp(Index1D i, ArrayView<float> x, ArrayView<float> y) => y[i] = XMath.Exp(x[i]);

    /// <summary>y = ln x.</summary>
    [Kernel]
    public static void Log(Index1D i, ArrayView<float> x, ArrayView<float> y) => y[i] = XMath.Log(x[i]);

    /// <summary>y = x^s.</summary>
    [Kernel]
    public static void PowScalar(Index1D i, ArrayView<float> x, ArrayView<float> y, float s) =>
        y[i] = XMath.Pow(x[i], s);

    /// <summary>y = a^b.</summary>
    [Kernel]
    public static void Pow(Index1D i, ArrayView<float> a, ArrayView<float> b, ArrayView<float> y) =>
        y[i] = XMath.Pow(a[i], b[i]);

    /// <summary>y = the lesser of a and b; NaN if either is.</summary>
    [Kernel(Integers = true)]
    public static void Minimum(Index1D i, ArrayView<float> a, ArrayView<float> b, ArrayView<float> y) =>
        y[i] = MathF.Min(a[i], b[i]);

    /// <summary>y = the greater of a and b; NaN if either is.</summary>
    [Kernel(Integers = true)]
    public static void Maximum(Index1D i, ArrayView<float> a, ArrayView<float> b, ArrayView<float> y) =>
        y[i] = MathF.Max(a[i], b[i]);

    /// <summary>
    /// dx = g where x is greater than other, g / 2 where equal, 0 where less; the derivative of max(x, other) by x.
    /// </summary>
    [Kernel]
    public static void GreaterShare(
        Index1D i, ArrayView<float> x, ArrayView<float> other, ArrayView<float> g, ArrayView<float> dx) =>
        dx[i] = x[i] < other[i] ? 0f : x[i] == other[i] ? 0.5f * g[i] : g[i];

    /// <summary>y = x held between low and high; NaN stays NaN.</summary>
    [Kernel(Integers = true)]
    public static void Clamp(Index1D i, ArrayView<float> x, ArrayView<float> y, float low, float high) =>
        y[i] = x[i] < low ? low : x[i] > high ? high : x[i];

    /// <summary>dx = g where x lies between low and high, ends included, else 0; the derivative of Clamp.</summary>
    [Kernel]
    public static void ClampBackward(
        Index1D i, ArrayView<float> x, ArrayView<float> g, ArrayView<float> dx, float low, float high) =>
        dx[i] = x[i] < low || x[i] > high ? 0f : g[i];

    /// <summary>y = sin x.</summary>
    [Kernel]
    public static void Sin(Index1D i, ArrayView<float> x, ArrayView<float> y) => y[i] = XMath.Sin(x[i]);

    /// <summary>y = cos x.</summary>
    [Kernel]
    public static void Cos(Index1D i, ArrayView<float> x, ArrayView<float> y) => y[i] = XMath.Cos(x[i]);

    /// <summary>y = erf x.</summary>
    [Kernel]
    public static void Erf(Index1D i, ArrayView<float> x, ArrayView<float> y) => y[i] = XMath.Erf(x[i]);
}
