using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>Mirrors each image left to right with a probability.</summary>
public sealed class RandomHorizontalFlip : IBatchTransform
{
    private readonly double _probability;

    /// <summary>A flip.</summary>
    /// <param name="probability">In [0, 1].</param>
    public RandomHorizontalFlip(double probability = 0.5)
    {
        if (!(probability is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "A probability lies in [0, 1].");
        _probability = probability;
    }

    /// <inheritdoc/>
    /// <exception cref="ShapeException">The inputs are no images [N, C, H, W].</exception>
    public Tensor Apply(Tensor inputs, SampleRandom random)
    {
        ImageBatch.Require(inputs, nameof(RandomHorizontalFlip));
        for (int i = 0; i < inputs.Shape[0]; i++)
        {
            if (random[i].NextDouble() >= _probability)
                continue;
            if (inputs.DType == DType.Float32)
                Mirror(inputs.AsSpan<float>(), inputs.Shape, i);
            else
                Mirror(inputs.AsSpan<double>(), inputs.Shape, i);
        }

        return inputs;
    }

    private static void Mirror<T>(Span<T> images, Shape shape, int image)
    {
        int lines = shape[1] * shape[2];
        for (int line = image * lines; line < (image + 1) * lines; line++)
            images.Slice(line * shape[3], shape[3]).Reverse();
    }
}
