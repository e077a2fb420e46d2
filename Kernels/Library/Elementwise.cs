using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>
/// Kernels that move or set elements without computing; the families that compute have files of their own.
/// </summary>
public static partial class Elementwise
{
    /// <summary>y = x.</summary>
    [Kernel(Integers = true)]
    public static void Copy(Index1D i, ArrayView<float> x, ArrayView<float> y) => y[i] = x[i];

    /// <summary>y = x for 16-bit elements.</summary>
    [Kernel]
    public static void CopyHalves(Index1D i, ArrayView<short> x, ArrayView<short> y) => y[i] = x[i];

    /// <summary>y = value.</summary>
    [Kernel(Integers = true)]
    public static void Fill(Index1D i, ArrayView<float> y, float value) => y[i] = value;

    /// <summary>y = value for 16-bit elements, given by their bits.</summary>
    [Kernel]
    public static void FillHalves(Index1D i, ArrayView<short> y, short value) => y[i] = value;

    /// <summary>y = a where the mask is not 0, else b.</summary>
    [Kernel(Integers = true)]
    public static void Where(
        Index1D i, ArrayView<int> mask, ArrayView<float> a, ArrayView<float> b, ArrayView<float> y) =>
        y[i] = mask[i] != 0 ? a[i] : b[i];
}
