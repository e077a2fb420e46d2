using MomentumCore.Kernels.Devices;

namespace MomentumCore.Engine;

/// <summary>The numbers that checks of kernels feed in, the same in every run, and the numbers that come out.</summary>
internal static class CheckValues
{
    private static readonly double[] Special =
        [0, -0.0, 1, -1, double.PositiveInfinity, double.NegativeInfinity, double.NaN, 1e30, -1e-30];

    /// <summary>Uniform numbers.</summary>
    public static double[] Uniform(int count, double low, double high, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => low + ((high - low) * random.NextDouble()))];
    }

    /// <summary>Uniform numbers that a float holds.</summary>
    public static double[] Floats(int count, double low, double high, int seed) =>
        [.. Uniform(count, low, high, seed).Select(v => (double)(float)v)];

    /// <summary>For each view, numbers of its type; among floats also those with which kernels go wrong.</summary>
    public static double[][] Of(int[] sizes, DType dtype, int seed) => [.. sizes.Select((size, view) =>
    {
        double[] values = Uniform(size, -3, 3, (31 * seed) + view);
        if (dtype.IsInteger())
            return values.Select(v => Math.Round(100 * v)).ToArray();
        for (int i = 0; i < Math.Min(size, Special.Length) && size > 1; i++)
            values[(i * 7) % size] = Special[(i + view) % Special.Length];
        return values;
    })];

    public static Tensor Make(double[] values, Shape shape, DType dtype, Device device) => dtype switch
    {
        DType.Float32 => Tensor.From([.. values.Select(v => (float)v)], shape, device),
        DType.Float64 => Tensor.From(values, shape, device),
        DType.Int32 => Tensor.From([.. values.Select(v => (int)v)], shape, device),
        DType.Int64 => Tensor.From([.. values.Select(v => (long)v)], shape, device),
        _ => throw new DTypeException(
            $"Kernel.Check: views of {dtype} cannot be checked; use float, double, int or long."),
    };

    /// <summary>The elements; every one of them is a double, exactly, but for 64-bit integers beyond 2^53.</summary>
    public static double[] Read(Tensor x) => x.DType switch
    {
        DType.Float32 => [.. x.ToArray<float>().Select(v => (double)v)],
        DType.Float64 => x.ToArray<double>(),
        DType.Int32 => [.. x.ToArray<int>().Select(v => (double)v)],
        DType.Int64 => [.. x.ToArray<long>().Select(v => (double)v)],
        DType.Float16 => [.. x.ToArray<Half>().Select(v => (double)v)],
        _ => [.. x.ToArray<BFloat16>().Select(v => (double)(float)v)],
    };
}
