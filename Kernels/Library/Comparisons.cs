using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>Kernels that compare elements: 1 where it holds, else 0. With NaN only "not equal" holds.</summary>
public static partial class Comparisons
{
    /// <summary>y = a equals b.</summary>
    [Kernel(Integers = true)]
    public static void Equal(Index1D i, ArrayView<float> a, ArrayView<float> b, ArrayView<int> y) =>
        y[i] = a[i] == b[i] ? 1 : 0;

    /// <summary>y = a differs from b.</summary>
    [Kernel(Integers = true)]
    public static void NotEqual(Index1D i, ArrayView<float> a, ArrayView<float> b, ArrayView<int> y) =>
        y[i] = a[i] != b[i] ? 1 : 0;

    /// <summary>y = a is less than b.</summary>
    [Kernel(Integers = true)]
    public static void Less(Index1D i, ArrayView<float> a, ArrayView<float> b, ArrayView<int> y) =>
        y[i] = a[i] < b[i] ? 1 : 0;

    /// <summary>y = a is less than b or equal.</summary>
    [Kernel(Integers = true)]
    public static void LessOrEqual(Index1D i, ArrayView<float> a, ArrayView<float> b, ArrayView<int> y) =>
        y[i] = a[i] <= b[i] ? 1 : 0;

    /// <summary>y = x equals s.</summary>
    [Kernel(Integers = true)]
    public static void EqualScalar(Index1D i, ArrayView<float> x, ArrayView<int> y, float s) =>
        y[i] = x[i] == s ? 1 : 0;

    /// <summary>y = x differs from s.</summary>
    [Kernel(Integers = true)]
    public static void NotEqualScalar(Index1D i, ArrayView<float> x, ArrayView<int> y, float s) =>
        y[i] = x[i] != s ? 1 : 0;

    /// <summary>y = x is less than s.</summary>
    [Kernel(Integers = true)]
    public static void LessScalar(Index1D i, ArrayView<float> x, ArrayView<int> y, float s) => y[i] = x[i] < s ? 1 : 0;

    /// <summary>y = x is less than s or equal.</summary>
    [Kernel(Integers = true)]
    public static void LessOrEqualScalar(Index1D i, ArrayView<float> x, ArrayView<int> y, float s) =>
        y[i] = x[i] <= s ? 1 : 0;

    /// <summary>y = x is greater than s.</summary>
    [Kernel(Integers = true)]
    public static void GreaterScalar(Index1D i, ArrayView<float> x, ArrayView<int> y, float s) =>
        y[i] = x[i] > s ? 1 : 0;

    /// <summary>y = x is greater than s or equal.</summary>
    [Kernel(Integers = true)]
    public static void GreaterOrEqualScalar(Index1D i, ArrayView<float> x, ArrayView<int> y, float s) =>
        y[i] = x[i] >= s ? 1 : 0;
}
