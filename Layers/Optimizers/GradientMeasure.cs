using MomentumCore.Engine;
using MomentumCore.Kernels.Dialect;
using OptimizerKernels = MomentumCore.Kernels.Library.Optimizers;

namespace MomentumCore.Layers;

/// <summary>Sums over a gradient, in double and in one order that depends on its size alone.</summary>
internal static class GradientMeasure
{
    /// <summary>
    /// Σ |g|^order of each gradient, or for infinity max |g|, NaN when there is one; 0 without elements. One copy from
    /// each device to the host.
    /// </summary>
    public static double[] Each(IReadOnlyList<Tensor> gradients, double order)
    {
        var results = new double[gradients.Count];
        foreach (var device in gradients.Select(g => g.Device).Distinct())
        {
            int[] here = [.. Enumerable.Range(0, gradients.Count).Where(i => gradients[i].Device == device)];
            int[] starts = new int[here.Length + 1];
            for (int i = 0; i < here.Length; i++)
                starts[i + 1] = starts[i] + Parts(gradients[here[i]].Count);
            if (starts[^1] == 0)
                continue;
            using var partial = Tensor.Empty([starts[^1]], DType.Float64, device, track: false);
            for (int i = 0; i < here.Length; i++)
            {
                var part = partial.View<double>().SubView(starts[i], starts[i + 1] - starts[i]);
                if (part.Length > 0)
                    Launch(gradients[here[i]], part, order);
            }

            double[] parts = partial.ToArray<double>();
            for (int i = 0; i < here.Length; i++)
            {
                foreach (double part in parts.AsSpan(starts[i]..starts[i + 1]))
                {
                    ref double result = ref results[here[i]];
                    result = double.IsInfinity(order) ? Math.Max(result, part) : result + part;
                }
            }
        }

        return results;
    }

    private static int Run(int count) => Math.Max(4096, count / 1024);

    private static int Parts(int count) => (int)(((long)count + Run(count) - 1) / Run(count));

    private static void Launch(Tensor g, ArrayView<double> part, double order)
    {
        if (!g.IsContiguous)
        {
            using var gapless = g.Clone();
            Launch(gapless, part, order);
            return;
        }

        var device = g.Device;
        int run = Run(g.Count), parts = Parts(g.Count);
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

        GC.KeepAlive(g);
    }
}
