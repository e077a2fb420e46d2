using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>Samples that a <see cref="DataLoader"/> can make batches of.</summary>
public interface IDataset
{
    /// <summary>The number of samples.</summary>
    int Count { get; }

    /// <summary>Makes a batch. It is called from the loader's thread, one call at a time per enumeration.</summary>
    /// <param name="samples">Which samples, in this order.</param>
    /// <returns>New tensors of the caller's own, one row per sample: usually the inputs, then the targets.</returns>
    Tensor[] Read(ReadOnlySpan<int> samples);
}
