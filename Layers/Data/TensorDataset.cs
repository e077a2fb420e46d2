using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Cpu;

namespace MomentumCore.Layers;

/// <summary>A data set in memory: tensors whose rows belong together.</summary>
/// <remarks>It keeps the tensors' memory until it is disposed; the tensors given may go before.</remarks>
public sealed class TensorDataset : IDataset, IDisposable
{
    private readonly Tensor[] _tensors;

    /// <summary>A data set over tensors with the same number of rows (size of the first axis).</summary>
    /// <param name="tensors">Usually inputs and targets. One with gaps is copied.</param>
    /// <exception cref="ShapeException">The numbers of rows differ, or a tensor has no axes.</exception>
    public TensorDataset(params Tensor[] tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        if (tensors.Length == 0)
            throw new ArgumentException("A data set needs at least one tensor.", nameof(tensors));
        foreach (var tensor in tensors)
        {
            ArgumentNullException.ThrowIfNull(tensor, nameof(tensors));
            if (tensor.Rank == 0 || tensor.Shape[0] != tensors[0].Shape[0])
            {
                throw new ShapeException(
                    "TensorDataset: all tensors must have the same number of rows (first axis); got shapes " +
                    $"{string.Join(", ", tensors.Select(t => t.Shape))}.");
            }
        }

        Count = tensors[0].Shape[0];
        _tensors = [.. tensors.Select(Hold)];
    }

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public Tensor[] Read(ReadOnlySpan<int> samples)
    {
        var rows = new Tensor[_tensors.Length];
        for (int i = 0; i < rows.Length; i++)
            rows[i] = Gather(_tensors[i], samples);
        return rows;
    }

    /// <summary>Lets go of the tensors' memory.</summary>
    public void Dispose()
    {
        foreach (var tensor in _tensors)
            tensor.Dispose();
    }

    private static Tensor Hold(Tensor tensor)
    {
        // In host memory, where batches are put together.
        using var here = tensor.Device is CpuDevice ? tensor.Detach() : tensor.Detach().To(Device.Cpu);
        using var gapless = here.Gapless();
        return gapless.Alias(gapless.Shape, gapless.StrideArray, gapless.Offset, track: false);
    }

    private static Tensor Gather(Tensor source, ReadOnlySpan<int> samples)
    {
        var target = Tensor.Empty(source.Shape.With(0, samples.Length), source.DType, source.Device);
        switch (source.DType)
        {
            case DType.Float32: Copy<float>(source, target, samples); break;
            case DType.Float64: Copy<double>(source, target, samples); break;
            case DType.Int32: Copy<int>(source, target, samples); break;
            case DType.Int64: Copy<long>(source, target, samples); break;
            case DType.Float16: Copy<Half>(source, target, samples); break;
            default: Copy<BFloat16>(source, target, samples); break;
        }

        return target;
    }

    private static void Copy<T>(Tensor source, Tensor target, ReadOnlySpan<int> samples)
        where T : unmanaged
    {
        var from = source.AsSpan<T>();
        var to = target.AsSpan<T>();
        int rows = source.Shape[0];
        int width = rows == 0 ? 0 : source.Count / rows;
        for (int row = 0; row < samples.Length; row++)
        {
            if ((uint)samples[row] >= (uint)rows)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(samples), samples[row], $"TensorDataset: there are samples 0 to {rows - 1}.");
            }

            from.Slice(samples[row] * width, width).CopyTo(to[(row * width)..]);
        }
    }
}
