using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>Kernels that make each element of the result from the elements at the same place.</summary>
public static partial class Elementwise
{
    /// <summary>y = a + b.</summary>
    [Kernel(Integers = true)]
    public static void Add(Index1D i, ArrayView<float> a, ArrayView<float> b, ArrayView<float> y) => y[i] = a[i] + b[i];

    /// <summary>y = a · b.</summary>
    [Kernel(Integers = true)]
    public static void Multiply(Index1D i, ArrayView<float> a, ArrayView<float> b, ArrayView<float> y) =>
        y[i] = a[i] * b[i];

    /// <summary>y = x.</summary>
    [Kernel(Integers = true)]
    public static void Copy(Index1D i, ArrayView<float> x, ArrayView<float> y) => y[i] = x[i];

    /// <summary>y = tanh x.</summary>
    [Kernel]
    public static void Tanh(Index1D i, ArrayView<float> x, ArrayView<float> y) => y[i] = XMath.Tanh(x[i]);

    /// <summary>dx = g (1 − y²), the derivative of y = tanh x.</summary>
    [Kernel]
    public static void TanhBackward(Index1D i, ArrayView<float> y, ArrayView<float> g, ArrayView<float> dx) =>
        dx[i] = g[i] * (1f - y[i] * y[i]);

    /// <summary>y = x for 16-bit elements.</summary>
    [Kernel]
    public static void CopyHalves(Index1D i, ArrayView<short> x, ArrayView<short> y) => y[i] = x[i];

    /// <summary>y = value.</summary>
    [Kernel(Integers = true)]
    public static void Fill(Index1D i, ArrayView<float> y, float value) => y[i] = value;
}
