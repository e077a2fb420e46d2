using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>Kernels that make one number from many, adding in a fixed order.</summary>
public static partial class Reduction
{
    /// <summary>y[i] = Σ x[i, 0 … length), gapless rows.</summary>
    [Kernel(Integers = true)]
    public static void Sum(Index1D i, ArrayView<float> x, ArrayView<float> y, int length)
    {
        float sum = 0f;
        long row = (long)i.X * length;
        for (int k = 0; k < length; k++)
            sum += x[row + k];
        y[i] = sum;
    }
}
