using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>Kernels that make elements from their index alone.</summary>
public static partial class Sequences
{
    /// <summary>y[i] = start + i · step, computed in double.</summary>
    [Kernel(Integers = true)]
    public static void Arange(Index1D i, ArrayView<float> y, double start, double step) =>
        y[i] = (float)(start + (i.X * step));

    /// <summary>
    /// count points from start to end, computed in double from the nearer end so that both ends are exact.
    /// </summary>
    [Kernel(Integers = true)]
    public static void Linspace(Index1D i, ArrayView<float> y, double start, double end, double step, int count) =>
        y[i] = (float)(i.X < count / 2 ? start + (i.X * step) : end - ((count - 1 - i.X) * step));

    /// <summary>Ones on the diagonal of a gapless matrix with rows of a length, zeros elsewhere.</summary>
    [Kernel(Integers = true)]
    public static void Eye(Index1D i, ArrayView<float> y, int columns) =>
        y[i] = i.X / columns == i.X % columns ? 1f : 0f;
}
