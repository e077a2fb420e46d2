using System.Numerics;
using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>Moves and scales each channel of images: y = (x − mean) / deviation.</summary>
public sealed class Normalize : IBatchTransform
{
    private readonly double[] _mean;
    private readonly double[] _deviation;

    /// <summary>A normalisation with one mean and deviation per channel.</summary>
    /// <param name="mean">The means over the training set.</param>
    /// <param name="deviation">The standard deviations, above 0.</param>
    /// <exception cref="ArgumentException">There are not as many means as deviations, or one is no use.</exception>
    public Normalize(IEnumerable<double> mean, IEnumerable<double> deviation)
    {
        _mean = [.. mean];
        _deviation = [.. deviation];
        if (_mean.Length == 0 || _mean.Length != _deviation.Length)
        {
            throw new ArgumentException(
                $"Normalize: wants as many means as deviations; got {_mean.Length} and {_deviation.Length}.");
        }
        if (!_mean.All(double.IsFinite) || !_deviation.All(d => d > 0 && double.IsFinite(d)))
            throw new ArgumentException("Normalize: means must be finite numbers and deviations finite and above 0.");
    }

    /// <inheritdoc/>
    /// <exception cref="ShapeException">The inputs are no images of as many channels as there are means.</exception>
    public Tensor Apply(Tensor inputs, SampleRandom random)
    {
        ImageBatch.Require(inputs, nameof(Normalize));
        if (inputs.Shape[1] != _mean.Length)
        {
            throw new ShapeException(
                $"Normalize: has {_mean.Length} means, but images {inputs.Shape} have {inputs.Shape[1]} channels.");
        }
        if (inputs.DType == DType.Float32)
            Apply(inputs.AsSpan<float>(), inputs.Shape);
        else
            Apply(inputs.AsSpan<double>(), inputs.Shape);
        return inputs;
    }

    private void Apply<T>(Span<T> images, Shape shape)
        where T : INumber<T>
    {
        int size = shape[2] * shape[3];
        for (int plane = 0; plane < shape[0] * shape[1]; plane++)
        {
            var mean = T.CreateTruncating(_mean[plane % shape[1]]);
            var deviation = T.CreateTruncating(_deviation[plane % shape[1]]);
            foreach (ref var value in images.Slice(plane * size, size))
                value = (value - mean) / deviation;
        }
    }
}
