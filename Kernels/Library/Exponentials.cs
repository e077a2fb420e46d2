using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>Kernels for sums of exponentials that do not overflow. A shift that is not finite counts as 0.</summary>
public static partial class Exponentials
{
    /// <summary>y = e^(x − m).</summary>
    [Kernel]
    public static void ShiftedExp(Index1D i, ArrayView<float> x, ArrayView<float> m, ArrayView<float> y)
    {
        float shift = m[i];
        // ∞ − ∞ is NaN, so that this is 0 for finite numbers alone.
        y[i] = XMath.Exp(x[i] - (shift - shift == 0f ? shift : 0f));
    }

    /// <summary>y = log x + m.</summary>
    [Kernel]
    public static void ShiftedLog(Index1D i, ArrayView<float> x, ArrayView<float> m, ArrayView<float> y)
    {
        float shift = m[i];
        y[i] = XMath.Log(x[i]) + (shift - shift == 0f ? shift : 0f);
    }
}
