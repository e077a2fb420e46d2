using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

/// <summary>The ways to make a tensor of random numbers.</summary>
public partial class Tensor
{
    /// <summary>Uniform numbers in [0, 1): 24 random bits in Float32, 53 in Float64.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="dtype">Any float type; the 16-bit ones are rounded from Float32 and may reach 1.</param>
    /// <param name="device">The device; <see cref="Device.Default"/> if none.</param>
    /// <param name="source">Where the numbers come from; <see cref="RandomSource.Current"/> if none.</param>
    /// <exception cref="DTypeException"><paramref name="dtype"/> is no float type.</exception>
    public static Tensor Rand(
        Shape shape, DType dtype = DType.Float32, Device? device = null, RandomSource? source = null)
    {
        if (dtype is DType.Float16 or DType.BFloat16)
            return Rounded(Rand(shape, DType.Float32, device, source), dtype);
        var (y, state, items) = Draw("Rand", shape, dtype, device, source);
        if (dtype == DType.Float32)
            RandomNumbers.Uniform(y.Device, items, y.View<float>(), state.Seed, state.Stream, state.Offset);
        else
            RandomNumbers.UniformDouble(y.Device, items, y.View<double>(), state.Seed, state.Stream, state.Offset);
        return y;
    }

    /// <summary>Numbers of the standard normal distribution: mean 0, variance 1.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="dtype">Any float type.</param>
    /// <param name="device">The device; <see cref="Device.Default"/> if none.</param>
    /// <param name="source">Where the numbers come from; <see cref="RandomSource.Current"/> if none.</param>
    /// <exception cref="DTypeException"><paramref name="dtype"/> is no float type.</exception>
    public static Tensor Randn(
        Shape shape, DType dtype = DType.Float32, Device? device = null, RandomSource? source = null)
    {
        if (dtype is DType.Float16 or DType.BFloat16)
            return Rounded(Randn(shape, DType.Float32, device, source), dtype);
        var (y, state, items) = Draw("Randn", shape, dtype, device, source);
        if (dtype == DType.Float32)
            RandomNumbers.Normal(y.Device, items, y.View<float>(), state.Seed, state.Stream, state.Offset);
        else
            RandomNumbers.NormalDouble(y.Device, items, y.View<double>(), state.Seed, state.Stream, state.Offset);
        return y;
    }

    /// <summary>
    /// Integers from <paramref name="low"/> up to, not including, <paramref name="high"/>, all as likely.
    /// </summary>
    /// <param name="shape">The shape.</param>
    /// <param name="low">The least.</param>
    /// <param name="high">One above the greatest.</param>
    /// <param name="dtype">Any type; the numbers are drawn as Int64 and converted.</param>
    /// <param name="device">The device; <see cref="Device.Default"/> if none.</param>
    /// <param name="source">Where the numbers come from; <see cref="RandomSource.Current"/> if none.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="high"/> is not above <paramref name="low"/>, or
    /// the type does not hold all numbers between them: an Int32 is too small, or a 16-bit float becomes infinite.
    /// </exception>
    public static Tensor RandInt(
        Shape shape, long low, long high, DType dtype = DType.Int64, Device? device = null, RandomSource? source = null)
    {
        if (high <= low)
            throw new ArgumentOutOfRangeException(nameof(high), $"RandInt: high ({high}) must be above low ({low}).");
        // Converted afterwards, so that what does not fit would wrap around without a word.
        if (dtype == DType.Int32 && (low < int.MinValue || high - 1 > int.MaxValue))
        {
            throw new ArgumentOutOfRangeException(
                nameof(high), $"RandInt: Int32 does not hold all numbers from {low} to {high - 1}; use DType.Int64.");
        }

        if (!dtype.Reaches(low) || !dtype.Reaches(high - 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(high),
                $"RandInt: {dtype} does not reach all numbers from {low} to {high - 1}; use DType.Int64.");
        }

        var (y, state, items) = Draw("RandInt", shape, DType.Int64, device, source);
        ulong range = unchecked((ulong)high - (ulong)low);
        RandomNumbers.Integers(y.Device, items, y.View<long>(), low, range, state.Seed, state.Stream, state.Offset);
        return Rounded(y, dtype);
    }

    /// <summary>A mask (Int32) whose elements are 1 with a probability, else 0.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="probability">The chance of a 1, in [0, 1].</param>
    /// <param name="device">The device; <see cref="Device.Default"/> if none.</param>
    /// <param name="source">Where the numbers come from; <see cref="RandomSource.Current"/> if none.</param>
    /// <exception cref="ArgumentOutOfRangeException">The probability is not in [0, 1].</exception>
    public static Tensor Bernoulli(Shape shape, double probability, Device? device = null, RandomSource? source = null)
    {
        if (!(probability >= 0 && probability <= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(probability), $"Bernoulli: a probability lies in [0, 1]; got {probability}.");
        }

        using var numbers = Rand(shape, DType.Float64, device, source);
        return numbers.Less(probability);
    }

    /// <summary>
    /// A mask (Int32) whose elements are 1 with the probability that this tensor holds there, else 0.
    /// </summary>
    /// <param name="source">Where the numbers come from; <see cref="RandomSource.Current"/> if none.</param>
    /// <exception cref="DTypeException">This tensor holds neither Float32 nor Float64.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A probability is not in [0, 1]; on a device of its own memory it comes out when the host next reads from there.
    /// </exception>
    public Tensor Bernoulli(RandomSource? source = null)
    {
        if (DType is not (DType.Float32 or DType.Float64))
            throw new DTypeException($"Bernoulli: the probabilities are {DType}; wanted Float32 or Float64.");
        RequireProbabilities();
        using var numbers = Rand(Shape, DType, Device, source);
        return numbers.Less(this);
    }

    private void RequireProbabilities()
    {
        if (Count == 0)
            return;
        using var noGrad = NoGrad.Begin();
        using var scope = TensorScope.Begin();
        // Each comparison is false for NaN.
        var isIn = GreaterOrEqual(0) * LessOrEqual(1);
        // These two outlive the call, until the check has run; a copy, because the probabilities may change till then.
        var least = TensorScope.TakeOut(isIn.Min());
        var held = TensorScope.TakeOut(Device is CpuDevice ? Detach() : Clone());
        WhenRead(() =>
        {
            using (least)
            using (held)
            {
                if (least.Item() == 1)
                    return;
                double[] values = held.DType == DType.Float32
                    ? [.. held.ToArray<float>().Select(v => (double)v)]
                    : held.ToArray<double>();
                int position = Array.FindIndex(values, v => !(v >= 0 && v <= 1));
                throw new ArgumentOutOfRangeException(
                    "this",
                    values[position],
                    $"Bernoulli: a probability lies in [0, 1]; element {position} of the tensor of shape " +
                    $"{held.Shape} is {values[position]}.");
            }
        });
    }

    private static (Tensor Result, RandomState State, int Items) Draw(
        string name, Shape shape, DType dtype, Device? device, RandomSource? source)
    {
        if (!dtype.IsFloat() && name != "RandInt")
            throw new DTypeException($"{name}: draws floats; got {dtype}. For integers use RandInt.");
        var y = Empty(shape, dtype, device ?? Device.Default);
        int each = dtype == DType.Float32 ? 4 : 2;
        int items = (int)((y.Count + (each - 1L)) / each);
        return (y, (source ?? RandomSource.Current).Take(items), items);
    }

    private static Tensor Rounded(Tensor x, DType dtype)
    {
        if (dtype == x.DType)
            return x;
        using (x)
            return x.To(dtype);
    }
}
