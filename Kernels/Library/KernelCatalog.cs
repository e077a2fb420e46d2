using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Generated;

namespace MomentumCore.Kernels.Library;

/// <summary>Every kernel of the library with its texts, for looking at them. A program that does not pays nothing.</summary>
public static class KernelCatalog
{
    /// <summary>All kernels, by family and name.</summary>
    public static IReadOnlyList<KernelDescription> All { get; } =
        [.. KernelList.All().OrderBy(k => k.Family, StringComparer.Ordinal).ThenBy(k => k.Name, StringComparer.Ordinal)];

    /// <summary>The kernels of that name, or the one of that family and name, as in <c>Convolution.Forward</c>.</summary>
    public static IReadOnlyList<KernelDescription> Find(string name) =>
    [
        .. All.Where(k => string.Equals(k.Name, name, StringComparison.OrdinalIgnoreCase)
            || string.Equals(k.ToString(), name, StringComparison.OrdinalIgnoreCase)),
    ];
}
