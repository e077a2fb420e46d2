namespace MomentumCore.Engine;

/// <summary>What is in a weight file of any format, without the tensors' elements.</summary>
/// <param name="Format">What the format is called.</param>
/// <param name="Tensors">The tensors, in the order of the file.</param>
/// <param name="Metadata">What else the file carries, as text: metadata, or values such as <c>epoch</c>.</param>
/// <param name="FileBytes">The size of the file, of all files when there are several.</param>
public sealed record WeightFileSummary(
    string Format,
    IReadOnlyList<WeightEntry> Tensors,
    IReadOnlyDictionary<string, string> Metadata,
    long FileBytes)
{
    /// <summary>The bytes of all tensors in the types of the file; 2⁶³ - 1 when there are more.</summary>
    public long DataBytes => Tensors.Aggregate(
        0L, (sum, t) => sum > long.MaxValue - t.Bytes ? long.MaxValue : sum + t.Bytes);
}
