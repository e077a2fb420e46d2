namespace MomentumCore.Engine;

/// <summary>What a weight file of any format says about one tensor.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="ElementType">The element type in the words of the format, such as <c>F32</c> or <c>float32</c>.</param>
/// <param name="Shape">The sizes of the axes; they may be larger than a tensor of this engine can be.</param>
/// <param name="Bytes">The bytes of its elements in that type.</param>
/// <param name="DType">What it becomes in this engine, or null when the engine has no type for it.</param>
public sealed record WeightEntry(
    string Name, string ElementType, IReadOnlyList<long> Shape, long Bytes, DType? DType)
{
    /// <summary>The number of elements; 2⁶³ - 1 when there are more.</summary>
    public long Count => Shape.Contains(0)
        ? 0
        : (long)Shape.Aggregate((Int128)1, (product, size) => Int128.Min(product * size, long.MaxValue));
}
