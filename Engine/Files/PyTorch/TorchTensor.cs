namespace MomentumCore.Engine;

/// <summary>A tensor of a PyTorch file: a view into a storage.</summary>
internal sealed class TorchTensor(TorchStorage storage, StoredType type, long offset, long[] sizes, long[] strides)
{
    public TorchStorage Storage { get; } = storage;

    public StoredType Type { get; } = type;

    public long Offset { get; } = offset;

    public long[] Sizes { get; } = sizes;

    public long[] Strides { get; } = strides;

    /// <summary>The number of elements, or the most that fits when it is more.</summary>
    public long Count
    {
        get
        {
            Int128 count = 1;
            foreach (long size in Sizes)
                count = size == 0 ? 0 : Int128.Min(count * size, long.MaxValue);
            return (long)count;
        }
    }
}
