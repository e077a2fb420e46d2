using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Layers;

/// <summary>
/// Pictures of one size with a class each, kept as bytes (a quarter of what they take as floats) and made into
/// tensors batch
/// by batch: images [N, C, H, W] of Float32 from 0 to 1, and classes [N] of Int64.
/// </summary>
public sealed class ImageDataset : IDataset
{
    private readonly byte[] _pixels;
    private readonly int[] _labels;
    private readonly int _imageBytes;

    /// <summary>A data set over bytes.</summary>
    /// <param name="pixels">
    /// The pictures one after the other, each as planes: all red values, all green, all blue.
    /// </param>
    /// <param name="imageShape">The shape [C, H, W] of a picture.</param>
    /// <param name="labels">The class of each picture, from 0.</param>
    /// <param name="classes">The names of the classes.</param>
    /// <exception cref="ShapeException">
    /// The shape is no [C, H, W], or the bytes are not those of as many pictures as labels.
    /// </exception>
    /// <exception cref="ArgumentException">A label is no class.</exception>
    public ImageDataset(byte[] pixels, Shape imageShape, int[] labels, IReadOnlyList<string> classes)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(classes);
        if (imageShape.Rank != 3 || imageShape.ElementCount == 0)
            throw new ShapeException($"ImageDataset: a picture has a shape [C, H, W]; got {imageShape}.");
        if (pixels.LongLength != (long)labels.Length * imageShape.ElementCount)
        {
            throw new ShapeException(
                $"ImageDataset: {labels.Length} pictures {imageShape} take " +
                $"{(long)labels.Length * imageShape.ElementCount:N0} bytes; got {pixels.LongLength:N0}.");
        }

        foreach (int label in labels)
        {
            if ((uint)label >= (uint)classes.Count)
                throw new ArgumentException(
                    $"ImageDataset: there is no class {label}; there are {classes.Count}.", nameof(labels));
        }

        (_pixels, _labels, _imageBytes) = (pixels, labels, imageShape.ElementCount);
        (ImageShape, Classes) = (imageShape, classes);
    }

    /// <inheritdoc/>
    public int Count => _labels.Length;

    /// <summary>The shape [C, H, W] of a picture.</summary>
    public Shape ImageShape { get; }

    /// <summary>The names of the classes, by number.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>The class of each picture.</summary>
    public ReadOnlySpan<int> Labels => _labels;

    /// <inheritdoc/>
    public Tensor[] Read(ReadOnlySpan<int> samples)
    {
        foreach (int sample in samples)
        {
            if ((uint)sample >= (uint)Count)
                throw new ArgumentOutOfRangeException(
                    nameof(samples), sample, $"ImageDataset: there are samples 0 to {Count - 1}.");
        }

        int[] sizes = [samples.Length, .. ImageShape];
        var images = Tensor.Empty(sizes, DType.Float32, Device.Cpu);
        var classes = Tensor.Empty([samples.Length], DType.Int64, Device.Cpu);
        var to = images.AsSpan<float>();
        for (int row = 0; row < samples.Length; row++)
        {
            var from = _pixels.AsSpan(samples[row] * _imageBytes, _imageBytes);
            var values = to.Slice(row * _imageBytes, _imageBytes);
            for (int i = 0; i < from.Length; i++)
                values[i] = from[i] / 255f;
            classes.AsSpan<long>()[row] = _labels[samples[row]];
        }

        return [images, classes];
    }

    /// <summary>Mean and standard deviation of each channel over all pictures, for <see cref="Normalize"/>.</summary>
    public (double[] Mean, double[] Deviation) ChannelStatistics()
    {
        int channels = ImageShape[0], plane = _imageBytes / channels;
        var counts = new long[channels, 256];
        for (int at = 0; at < _pixels.Length; at += plane)
        {
            int channel = at / plane % channels;
            foreach (byte value in _pixels.AsSpan(at, plane))
                counts[channel, value]++;
        }

        double[] mean = new double[channels], deviation = new double[channels];
        double all = (double)plane * Math.Max(1, Count);
        for (int channel = 0; channel < channels; channel++)
        {
            for (int value = 0; value < 256; value++)
                mean[channel] += value / 255.0 * counts[channel, value] / all;
            for (int value = 0; value < 256; value++)
                deviation[channel] += Math.Pow((value / 255.0) - mean[channel], 2) * counts[channel, value] / all;
            deviation[channel] = Math.Sqrt(deviation[channel]);
        }

        return (mean, deviation);
    }
}
