namespace MomentumCore.Engine;

/// <summary>A run of memory that tensors of a PyTorch file look into.</summary>
/// <param name="Key">Its name in the file.</param>
/// <param name="Type">The element type.</param>
/// <param name="Count">The number of elements.</param>
/// <param name="First">Where it begins in the memory of that name; not 0 in old files only.</param>
internal sealed record TorchStorage(string Key, StoredType Type, long Count, long First = 0)
{
    /// <summary>The same memory under another element type: only a storage that counts bytes can be seen so.</summary>
    public TorchStorage? As(StoredType type) =>
        Type == StoredType.UInt8 && First == 0 ? this with { Type = type, Count = Count / type.Size() } : null;
}
