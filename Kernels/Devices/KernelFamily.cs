using System.Collections.Concurrent;

namespace MomentumCore.Kernels.Devices;

/// <summary>Which kernels stand in one class and share an element type: drivers compile them together.</summary>
internal static class KernelFamily
{
    private static readonly ConcurrentDictionary<string, ConcurrentQueue<KernelInfo>> Members = new(StringComparer.Ordinal);

    public static void Add(KernelInfo kernel) => Members.GetOrAdd(kernel.Family, _ => new()).Enqueue(kernel);

    /// <summary>A kernel and the others of its family that any device takes which takes this one, by name.</summary>
    public static List<KernelInfo> Of(KernelInfo kernel)
    {
        if (!Members.TryGetValue(kernel.Family, out var members))
            return [kernel];
        // Of two with one name, as in two versions of an assembly, the kernel itself comes first.
        return
        [
            .. members.Where(m => m.OpenClSource != null && m.Form == kernel.Form && m.UsesDouble == kernel.UsesDouble)
                .OrderBy(m => m.Name, StringComparer.Ordinal).ThenBy(m => m != kernel),
        ];
    }
}
