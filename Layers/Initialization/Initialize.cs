using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>Writes initial values into parameters, by PyTorch's rules (<c>torch.nn.init</c>).</summary>
/// <remarks>Random ones come from <see cref="RandomSource.Current"/> unless a source is given.</remarks>
public static class Initialize
{
    /// <summary>Every element <paramref name="value"/>.</summary>
    public static void Constant(Tensor tensor, double value)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        using var noGrad = NoGrad.Begin();
        tensor.Fill(value);
    }

    /// <summary>Uniform in [low, high).</summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="high"/> is below <paramref name="low"/>.
    /// </exception>
    public static void Uniform(Tensor tensor, double low, double high, RandomSource? source = null)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentOutOfRangeException.ThrowIfLessThan(high, low);
        using var noGrad = NoGrad.Begin();
        using var scope = TensorScope.Begin();
        tensor.CopyFrom((Tensor.Rand(tensor.Shape, tensor.DType, tensor.Device, source) * (high - low)) + low);
    }

    /// <summary>Normal with a mean and a standard deviation of 0 or more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The standard deviation is negative.</exception>
    public static void Normal(Tensor tensor, double mean = 0, double deviation = 1, RandomSource? source = null)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentOutOfRangeException.ThrowIfNegative(deviation);
        using var noGrad = NoGrad.Begin();
        using var scope = TensorScope.Begin();
        tensor.CopyFrom((Tensor.Randn(tensor.Shape, tensor.DType, tensor.Device, source) * deviation) + mean);
    }

    /// <summary>Uniform in ±gain · √(6 / (fan in + fan out)). Glorot, Bengio 2010.</summary>
    /// <exception cref="ShapeException">The tensor has fewer than two axes.</exception>
    public static void XavierUniform(Tensor tensor, double gain = 1, RandomSource? source = null)
    {
        var (fanIn, fanOut) = Fans(tensor);
        double bound = gain * Math.Sqrt(6.0 / (fanIn + fanOut));
        Uniform(tensor, -bound, bound, source);
    }

    /// <summary>Normal with deviation gain · √(2 / (fan in + fan out)). Glorot, Bengio 2010.</summary>
    /// <exception cref="ShapeException">The tensor has fewer than two axes.</exception>
    public static void XavierNormal(Tensor tensor, double gain = 1, RandomSource? source = null)
    {
        var (fanIn, fanOut) = Fans(tensor);
        Normal(tensor, 0, gain * Math.Sqrt(2.0 / (fanIn + fanOut)), source);
    }

    /// <summary>
    /// Uniform in ±√(6 / ((1 + slope²) fan)), for layers followed by a leaky ReLU of that slope (0: ReLU). He et al.
    /// 2015.
    /// </summary>
    /// <param name="tensor">The weights.</param>
    /// <param name="slope">The slope of the leaky ReLU; √5 is what linear and convolution layers start from.</param>
    /// <param name="fanOut">Keep the variance of the gradients (fan out) rather than of the values (fan in).</param>
    /// <param name="source">Where the numbers come from.</param>
    /// <exception cref="ShapeException">The tensor has fewer than two axes.</exception>
    public static void KaimingUniform(Tensor tensor, double slope = 0, bool fanOut = false, RandomSource? source = null)
    {
        double bound = Math.Sqrt(3) * KaimingDeviation(tensor, slope, fanOut);
        Uniform(tensor, -bound, bound, source);
    }

    /// <summary>
    /// Normal with deviation √(2 / ((1 + slope²) fan)); see <see cref="KaimingUniform"/>. He et al. 2015.
    /// </summary>
    /// <exception cref="ShapeException">The tensor has fewer than two axes.</exception>
    public static void KaimingNormal(
        Tensor tensor, double slope = 0, bool fanOut = false, RandomSource? source = null) =>
        Normal(tensor, 0, KaimingDeviation(tensor, slope, fanOut), source);

    /// <summary>
    /// What linear and convolution layers start from: weight and bias uniform in ±1/√(fan in), as Kaiming uniform with
    /// slope √5.
    /// </summary>
    internal static void UniformByFanIn(Tensor weight, Tensor? bias)
    {
        double bound = 1 / Math.Sqrt(Fans(weight).In);
        Uniform(weight, -bound, bound);
        if (bias != null)
            Uniform(bias, -bound, bound);
    }

    private static double KaimingDeviation(Tensor tensor, double slope, bool fanOut)
    {
        var fans = Fans(tensor);
        return Math.Sqrt(2 / ((1 + (slope * slope)) * (fanOut ? fans.Out : fans.In)));
    }

    /// <summary>
    /// How many inputs an output has and how many outputs an input: axes 1 and 0 times the size of the kernel.
    /// </summary>
    private static (int In, int Out) Fans(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.Rank < 2)
            throw new ShapeException($"Fan in and fan out: wants a tensor [out, in, …]; got shape {tensor.Shape}.");
        int kernel = tensor.Shape[2..].ElementCount;
        return (tensor.Shape[1] * kernel, tensor.Shape[0] * kernel);
    }
}
