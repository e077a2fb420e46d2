using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace MomentumCore.Engine;

/// <summary>Remembers where live tensor memory was allocated, to name the places that leak.</summary>
/// <remarks>
/// Off unless switched on (or the environment has MOMENTUM_TRACK_ALLOCATIONS=1): a stack trace per tensor is slow.
/// </remarks>
public static class AllocationSites
{
    private static readonly ConcurrentDictionary<int, (long Bytes, string Trace)> Sites = new();

    /// <summary>Whether new allocations are remembered.</summary>
    public static bool Tracking { get; set; } =
        Environment.GetEnvironmentVariable("MOMENTUM_TRACK_ALLOCATIONS") == "1";

    /// <summary>The live allocations made while tracking, grouped by place, most bytes first.</summary>
    public static string Report()
    {
        var groups = Sites.Values.GroupBy(s => s.Trace).OrderByDescending(g => g.Sum(s => s.Bytes)).ToList();
        if (groups.Count == 0)
            return Tracking ? "No tracked tensor memory is live." : "Set AllocationSites.Tracking = true first.";
        return string.Join(
            Environment.NewLine,
            groups.Select(
                g => $"{g.Sum(s => s.Bytes):N0} bytes in {g.Count()} buffers, allocated{Environment.NewLine}{g.Key}"));
    }

    internal static void Register(Storage storage, long bytes)
    {
        if (Tracking)
            Sites[RuntimeHelpers.GetHashCode(storage)] = (bytes, Environment.StackTrace);
    }

    internal static void Forget(Storage storage)
    {
        if (!Sites.IsEmpty)
            Sites.TryRemove(RuntimeHelpers.GetHashCode(storage), out _);
    }
}
