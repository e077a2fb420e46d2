using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>
/// Kernels that draw random numbers: each work item turns one block of the generator into its elements.
/// </summary>
/// <remarks>
/// All take the state of the generator as <c>seed</c>, <c>stream</c> and the first block; work item i uses block
/// <c>first + i</c>. Element k always comes from the same word, whatever the device and the number of threads.
/// </remarks>
public static partial class RandomNumbers
{
    /// <summary>2^−24: the step between neighbours of the uniform floats.</summary>
    private const float FloatStep = 5.9604644775390625e-8f;

    /// <summary>2^−32.</summary>
    private const float WordStep = 2.3283064365386963e-10f;

    /// <summary>2π.</summary>
    private const float Turn = 6.283185307179586f;

    /// <summary>Uniform floats in [0, 1) with 24 random bits; 4 for each work item.</summary>
    [Kernel(FloatOnly = true)]
    public static void Uniform(Index1D i, ArrayView<float> y, ulong seed, ulong stream, ulong first)
    {
        var block = Philox.Block(seed, stream, first + (ulong)i.X);
        long start = 4L * i.X;
        for (int k = 0; k < 4 && start + k < y.Length; k++)
            y[start + k] = (block.Word(k) >> 8) * FloatStep;
    }

    /// <summary>Uniform doubles in [0, 1) with 53 random bits; 2 for each work item.</summary>
    [Kernel]
    public static void UniformDouble(Index1D i, ArrayView<double> y, ulong seed, ulong stream, ulong first)
    {
        var block = Philox.Block(seed, stream, first + (ulong)i.X);
        long start = 2L * i.X;
        for (int k = 0; k < 2 && start + k < y.Length; k++)
            y[start + k] = (block.LongWord(k) >> 11) * 1.1102230246251565e-16;
    }

    /// <summary>Standard normal floats; 4 for each work item.</summary>
    /// <remarks>G. Box, M. Muller: A Note on the Generation of Random Normal Deviates, 1958.</remarks>
    [Kernel(FloatOnly = true)]
    public static void Normal(Index1D i, ArrayView<float> y, ulong seed, ulong stream, ulong first)
    {
        var block = Philox.Block(seed, stream, first + (ulong)i.X);
        long start = 4L * i.X;
        for (int k = 0; k < 4 && start + k < y.Length; k += 2)
        {
            // In (0, 1], so that the logarithm is finite.
            float u = (block.Word(k) * WordStep) + (0.5f * WordStep);
            float radius = MathF.Sqrt(-2f * XMath.Log(u));
            float angle = (block.Word(k + 1) >> 8) * FloatStep * Turn;
            y[start + k] = radius * XMath.Cos(angle);
            if (start + k + 1 < y.Length)
                y[start + k + 1] = radius * XMath.Sin(angle);
        }
    }

    /// <summary>Standard normal doubles; 2 for each work item.</summary>
    [Kernel]
    public static void NormalDouble(Index1D i, ArrayView<double> y, ulong seed, ulong stream, ulong first)
    {
        var block = Philox.Block(seed, stream, first + (ulong)i.X);
        long start = 2L * i.X;
        double u = ((block.LongWord(0) >> 11) + 1UL) * 1.1102230246251565e-16;
        double radius = Math.Sqrt(-2.0 * XMath.Log(u));
        double angle = (block.LongWord(1) >> 11) * 1.1102230246251565e-16 * 6.283185307179586;
        y[start] = radius * XMath.Cos(angle);
        if (start + 1 < y.Length)
            y[start + 1] = radius * XMath.Sin(angle);
    }

    /// <summary>
    /// Integers from low on, below low + range; 2 for each work item. Each is within 2^−64 of its fair chance.
    /// </summary>
    [Kernel]
    public static void Integers(
        Index1D i, ArrayView<long> y, long low, ulong range, ulong seed, ulong stream, ulong first)
    {
        var block = Philox.Block(seed, stream, first + (ulong)i.X);
        long start = 2L * i.X;
        for (int k = 0; k < 2 && start + k < y.Length; k++)
            y[start + k] = low + (long)MultiplyHigh(block.LongWord(k), range);
    }

    /// <summary>
    /// y = x · scale where the element's word is at least threshold, else 0; 4 elements for each work item.
    /// </summary>
    [Kernel]
    public static void Dropout(
        Index1D i,
        ArrayView<float> x,
        ArrayView<float> y,
        float scale,
        ulong threshold,
        ulong seed,
        ulong stream,
        ulong first)
    {
        var block = Philox.Block(seed, stream, first + (ulong)i.X);
        long start = 4L * i.X;
        for (int k = 0; k < 4 && start + k < y.Length; k++)
            y[start + k] = block.Word(k) >= threshold ? x[start + k] * scale : 0f;
    }

    /// <summary>The upper 64 bits of a product of two 64-bit words.</summary>
    private static ulong MultiplyHigh(ulong a, ulong b)
    {
        ulong lowLow = (ulong)(uint)a * (uint)b;
        ulong highLow = (a >> 32) * (uint)b;
        ulong lowHigh = (uint)a * (b >> 32);
        ulong middle = (lowLow >> 32) + (uint)highLow + (uint)lowHigh;
        return ((a >> 32) * (b >> 32)) + (highLow >> 32) + (lowHigh >> 32) + (middle >> 32);
    }
}
