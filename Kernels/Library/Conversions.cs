using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>Kernels that turn elements of one type into another.</summary>
/// <remarks>
/// Those with <c>Integers</c> stand for four conversions each. Float to integer cuts off towards zero, saturates, and
/// makes NaN 0.
/// </remarks>
public static partial class Conversions
{
    /// <summary>y = (int)x.</summary>
    [Kernel(Integers = true)]
    public static void ToInt32(Index1D i, ArrayView<float> x, ArrayView<int> y) => y[i] = (int)x[i];

    /// <summary>y = (long)x.</summary>
    [Kernel(Integers = true)]
    public static void ToInt64(Index1D i, ArrayView<float> x, ArrayView<long> y) => y[i] = (long)x[i];

    /// <summary>y = x, rounded to the nearest where it does not fit.</summary>
    [Kernel(Integers = true)]
    public static void FromInt32(Index1D i, ArrayView<int> x, ArrayView<float> y) => y[i] = (float)x[i];

    /// <summary>y = x, rounded to the nearest where it does not fit.</summary>
    [Kernel(Integers = true)]
    public static void FromInt64(Index1D i, ArrayView<long> x, ArrayView<float> y) => y[i] = (float)x[i];

    /// <summary>y = x, exact.</summary>
    [Kernel(FloatOnly = true)]
    public static void Widen(Index1D i, ArrayView<float> x, ArrayView<double> y) => y[i] = x[i];

    /// <summary>y = x, rounded to the nearest, ties to even.</summary>
    [Kernel(FloatOnly = true)]
    public static void Narrow(Index1D i, ArrayView<double> x, ArrayView<float> y) => y[i] = (float)x[i];
}
