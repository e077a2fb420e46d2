using MomentumCore.Kernels.Devices;

namespace MomentumCore.Engine;

/// <summary>Says whether a tensor of a file fits this engine, before any memory is taken for it.</summary>
internal static class Loadable
{
    /// <summary>The shape and element type that a tensor of a file gets here.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">The tensor.</param>
    /// <param name="typeName">Its element type in the words of the format.</param>
    /// <param name="type">The element type in this engine, or null.</param>
    /// <param name="sizes">Its shape.</param>
    /// <exception cref="WeightFileException">It does not fit.</exception>
    public static (Shape Shape, DType Type) Require(
        string path, string name, string typeName, DType? type, IReadOnlyList<long> sizes)
    {
        if (type == null)
        {
            throw new WeightFileException(
                path,
                $"tensor '{name}' holds {typeName}, which this engine does not.",
                "Convert it to floats or integers of 16, 32 or 64 bits before saving.");
        }

        Int128 count = 1;
        foreach (long size in sizes)
            count = size == 0 ? 0 : Int128.Min(count * size, long.MaxValue);
        if (sizes.Count > StridedLayout.MaxRank || count > int.MaxValue || sizes.Any(s => s is < 0 or > int.MaxValue))
        {
            throw new WeightFileException(
                path,
                $"tensor '{name}' has shape [{string.Join(", ", sizes)}], more than this engine can hold.",
                $"Split it into tensors of at most {StridedLayout.MaxRank} axes and {int.MaxValue:N0} elements.");
        }

        int[] shape = [.. sizes.Select(s => (int)s)];
        return (shape, type.Value);
    }
}
