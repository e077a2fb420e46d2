namespace MomentumCore.Engine;

/// <summary>What is in a safetensors file, without the tensors' bytes.</summary>
/// <param name="Tensors">The tensors, in the order of the header.</param>
/// <param name="Metadata">Text that the file carries along, by key.</param>
/// <param name="HeaderBytes">The size of the header, the 8 bytes of its length included.</param>
/// <param name="DataBytes">The size of all tensors.</param>
public sealed record SafetensorsHeader(
    IReadOnlyList<SafetensorsEntry> Tensors,
    IReadOnlyDictionary<string, string> Metadata,
    long HeaderBytes,
    long DataBytes);
