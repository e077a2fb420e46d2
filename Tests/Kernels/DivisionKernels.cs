using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Tests.Kernels;

/// <summary>Integer divisions in every width, for the tests of what happens when there is no result.</summary>
internal static partial class DivisionKernels
{
    [Kernel]
    public static void Ints(
        Index1D i, ArrayView<int> a, ArrayView<int> b, ArrayView<int> quotients, ArrayView<int> rests)
    {
        quotients[i] = a[i] / b[i];
        rests[i] = a[i] % b[i];
    }

    [Kernel]
    public static void Longs(
        Index1D i, ArrayView<long> a, ArrayView<long> b, ArrayView<long> quotients, ArrayView<long> rests)
    {
        quotients[i] = a[i] / b[i];
        rests[i] = a[i] % b[i];
    }

    [Kernel]
    public static void Unsigned(
        Index1D i, ArrayView<uint> a, ArrayView<uint> b, ArrayView<ulong> quotients, ArrayView<uint> rests)
    {
        quotients[i] = ((ulong)a[i] << 32) / b[i];
        uint rest = a[i];
        rest %= b[i];
        rests[i] = rest;
    }

    /// <summary>By constants, which need no care.</summary>
    [Kernel]
    public static void Constants(Index1D i, ArrayView<int> a, ArrayView<long> y) =>
        y[i] = a[i] / 7 + a[i] % -3 + (long)a[i] / 11L;

    /// <summary>The absolute value, which the smallest number has not.</summary>
    [Kernel]
    public static void Absolute(Index1D i, ArrayView<int> a, ArrayView<int> y) => y[i] = Math.Abs(a[i]);

    /// <summary>In groups, where one work item has nothing to divide by.</summary>
    [Kernel]
    public static void Grouped(ArrayView<int> a, ArrayView<int> b, ArrayView<int> quotients) =>
        quotients[Grid.GlobalIndex.X] = a[Grid.GlobalIndex.X] / b[Grid.GlobalIndex.X];
}
