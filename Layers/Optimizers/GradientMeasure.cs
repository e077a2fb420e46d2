using MomentumCore.Engine;
using OptimizerKernels = MomentumCore.Kernels.Library.Optimizers;

namespace MomentumCore.Layers;

/// <summary>Sums over a gradient, in double and in one order that depends on its size alone.</summary>
internal static class GradientMeasure
{
    /// <summary>Σ g².</summary>
    public static double SquareSum(Tensor gradient) => Measure(gradient, 2);

    /// <summary>Σ |g|^order.</summary>
    public static double PowerSum(Tensor gradient, double order) => Measure(gradient, order);

    /// <summary>max |g|, NaN when there is one; 0 without elements.</summary>
    public static double Largest(Tensor gradient) => Measure(gradient, double.PositiveInfinity);

    private static double Measure(Tensor gradient, double order)
    {
        if (gradient.Count == 0)
            return 0;
        if (!gradient.IsContiguous)
        {
            using var gapless = gradient.Clone();
            return Measure(gapless, order);
        }

        int run = Math.Max(4096, gradient.Count / 1024);
        int parts = (int)(((long)gradient.Count + run - 1) / run);
        using var partial = Tensor.Empty([parts], DType.Float64, gradient.Device, track: false);
        Launch(gradient, partial, parts, run, order);
        double result = 0;
        foreach (double part in partial.ToArray<double>())
            result = double.IsInfinity(order) ? Math.Max(result, part) : result + part;
        return result;
    }

    private static void Launch(Tensor g, Tensor partial, int parts, int run, double order)
    {
        var device = g.Device;
        var part = partial.View<double>();
        switch (g.DType, order)
        {
            case (DType.Float32, 2):
                OptimizerKernels.SquareSums(device, parts, g.View<float>(), part, g.Count, run);
                break;
            case (DType.Float64, 2):
                OptimizerKernels.SquareSums(device, parts, g.View<double>(), part, g.Count, run);
                break;
            case (DType.Float32, double.PositiveInfinity):
                OptimizerKernels.Largest(device, parts, g.View<float>(), part, g.Count, run);
                break;
            case (DType.Float64, double.PositiveInfinity):
                OptimizerKernels.Largest(device, parts, g.View<double>(), part, g.Count, run);
                break;
            case (DType.Float32, _):
                OptimizerKernels.PowerSums(device, parts, g.View<float>(), part, g.Count, run, order);
                break;
            case (DType.Float64, _):
                OptimizerKernels.PowerSums(device, parts, g.View<double>(), part, g.Count, run, order);
                break;
            default:
                throw new DTypeException($"A gradient must be Float32 or Float64; got {g.DType}.");
        }
    }
}
