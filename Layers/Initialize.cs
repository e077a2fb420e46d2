using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>Writes initial values into parameters, by PyTorch's rules.</summary>
public static class Initialize
{
    /// <summary>Uniform in [low, high).</summary>
    public static void Uniform(Tensor tensor, double low, double high)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        double[] values = new double[tensor.Count];
        for (int i = 0; i < values.Length; i++)
            values[i] = low + ((high - low) * Random.Shared.NextDouble());
        Write(tensor, values);
    }

    /// <summary>
    /// What PyTorch's linear and convolution layers start from: weight and bias uniform in ±1/√fanIn (Kaiming uniform
    /// with a = √5). He et al. 2015.
    /// </summary>
    internal static void UniformByFanIn(int fanIn, Tensor weight, Tensor? bias)
    {
        double bound = 1 / Math.Sqrt(fanIn);
        Uniform(weight, -bound, bound);
        if (bias != null)
            Uniform(bias, -bound, bound);
    }

    private static void Write(Tensor tensor, double[] values)
    {
        using var noGrad = NoGrad.Begin();
        using var source = tensor.DType == DType.Float64
            ? Tensor.From(values, tensor.Shape, tensor.Device)
            : Tensor.From([.. values.Select(v => (float)v)], tensor.Shape, tensor.Device);
        tensor.CopyFrom(source);
    }
}
