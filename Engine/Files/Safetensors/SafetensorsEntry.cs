namespace MomentumCore.Engine;

/// <summary>What the header of a safetensors file says about one tensor.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="ElementType">The element type as the file writes it, such as <c>F32</c>.</param>
/// <param name="Shape">The sizes of the axes; they may be larger than a tensor of this engine can be.</param>
/// <param name="Begin">Where its bytes begin, counted from the end of the header.</param>
/// <param name="End">Where its bytes end.</param>
public sealed record SafetensorsEntry(string Name, string ElementType, IReadOnlyList<long> Shape, long Begin, long End)
{
    /// <summary>The number of bytes.</summary>
    public long Bytes => End - Begin;

    /// <summary>The element type in this engine, or null when it has none for it.</summary>
    public DType? DType => SafetensorsTypes.Stored(ElementType)?.ToDType();
}
