using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Tests.Engine;

/// <summary>Kernels as users write them, good and bad, for <see cref="KernelCheckTests"/>.</summary>
internal static partial class CheckedKernels
{
    /// <summary>y = x / (1 + e^−x).</summary>
    [Kernel]
    public static void Swish(Index1D i, ArrayView<float> x, ArrayView<float> y) =>
        y[i] = x[i] / (1f + XMath.Exp(-x[i]));

    /// <summary>dx = g s (1 + x (1 − s)) with s = sigmoid x.</summary>
    [Kernel]
    public static void SwishBackward(Index1D i, ArrayView<float> x, ArrayView<float> g, ArrayView<float> dx)
    {
        float s = 1f / (1f + XMath.Exp(-x[i]));
        dx[i] = g[i] * s * (1f + x[i] * (1f - s));
    }

    /// <summary>y[i] = x[2i] + x[2i + 1].</summary>
    [Kernel]
    public static void PairSum(Index1D i, ArrayView<float> x, ArrayView<float> y) => y[i] = x[2 * i.X] + x[2 * i.X + 1];

    /// <summary>Writes one element too far.</summary>
    [Kernel]
    public static void WriteNext(Index1D i, ArrayView<float> x, ArrayView<float> y) => y[i.X + 1] = x[i];

    /// <summary>Writes from one element before the first.</summary>
    [Kernel]
    public static void WritePrevious(Index1D i, ArrayView<float> x, ArrayView<float> y) => y[i.X - 1] = x[i];

    /// <summary>Two work items write each element.</summary>
    [Kernel]
    public static void Scatter(Index1D i, ArrayView<float> x, ArrayView<float> y) => y[i.X / 2] = x[i];

    /// <summary>Two work items of a group write each element.</summary>
    [Kernel]
    public static void ScatterInGroups(ArrayView<float> x, ArrayView<float> y) =>
        y[Grid.GlobalIndex.X / 2] = x[Grid.GlobalIndex.X];

    /// <summary>The last group to run leaves its number.</summary>
    [Kernel]
    public static void LastGroup(ArrayView<float> y) => y[0] = Grid.IdxX;

    /// <summary>Reads one element too far.</summary>
    [Kernel]
    public static void ReadNext(Index1D i, ArrayView<float> x, ArrayView<float> y) => y[i] = x[i.X + 1];
}
