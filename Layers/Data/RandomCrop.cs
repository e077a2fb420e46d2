using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>Cuts a window out of each image at a random place, after a border of zeros was put around it.</summary>
/// <remarks>[N, C, H, W] becomes [N, C, height, width]; all channels of an image are cut at the same place.</remarks>
public sealed class RandomCrop : IBatchTransform
{
    private readonly int _height;
    private readonly int _width;
    private readonly int _padding;

    /// <summary>Square windows.</summary>
    /// <param name="size">Height and width of the window.</param>
    /// <param name="padding">Width of the border on each side.</param>
    public RandomCrop(int size, int padding = 0)
        : this(size, size, padding)
    {
    }

    /// <summary>Windows of a height and a width.</summary>
    public RandomCrop(int height, int width, int padding)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(padding);
        _height = height;
        _width = width;
        _padding = padding;
    }

    /// <inheritdoc/>
    /// <exception cref="ShapeException">The inputs are no images, or with their border below the window.</exception>
    public Tensor Apply(Tensor inputs, SampleRandom random)
    {
        ImageBatch.Require(inputs, nameof(RandomCrop));
        var shape = inputs.Shape;
        int rows = shape[2] + (2 * _padding) - _height + 1;
        int columns = shape[3] + (2 * _padding) - _width + 1;
        if (rows < 1 || columns < 1)
        {
            throw new ShapeException(
                $"RandomCrop: a window of {_height} by {_width} does not fit images {shape} + border {_padding}.");
        }

        var result = Tensor.Empty([shape[0], shape[1], _height, _width], inputs.DType, inputs.Device);
        for (int i = 0; i < shape[0]; i++)
        {
            var source = random[i];
            int top = source.NextInt(rows) - _padding;
            int left = source.NextInt(columns) - _padding;
            if (inputs.DType == DType.Float32)
                Cut(inputs.AsSpan<float>(), result.AsSpan<float>(), shape, i, top, left);
            else
                Cut(inputs.AsSpan<double>(), result.AsSpan<double>(), shape, i, top, left);
        }

        return result;
    }

    private void Cut<T>(ReadOnlySpan<T> images, Span<T> windows, Shape shape, int image, int top, int left)
    {
        int from = Math.Max(0, left);
        int count = Math.Min(left + _width, shape[3]) - from;
        for (int plane = image * shape[1]; plane < (image + 1) * shape[1]; plane++)
        {
            for (int y = 0; y < _height; y++)
            {
                var line = windows.Slice(((plane * _height) + y) * _width, _width);
                line.Clear();
                int row = top + y;
                if (row >= 0 && row < shape[2] && count > 0)
                    images.Slice((((plane * shape[2]) + row) * shape[3]) + from, count).CopyTo(line[(from - left)..]);
            }
        }
    }
}
