namespace MomentumCore.Kernels.Devices.OpenCl;

/// <summary>
/// The memory of a device that is on loan. Views name it by numbers that are never used again, so that one that outlives
/// its memory is noticed, also when the pool has lent that to somebody else.
/// </summary>
internal sealed class OpenClBuffers
{
    // Of all devices, so that a view of another one is noticed too.
    private static long s_last;

    private readonly Dictionary<nint, OpenClBuffer> _live = [];

    /// <summary>Held while a launch uses what it found here: what it found is not given back before.</summary>
    public Lock Lock { get; } = new();

    /// <summary>A name for new memory.</summary>
    public nint Add(OpenClBuffer buffer)
    {
        nint name = (nint)Interlocked.Increment(ref s_last);
        lock (Lock)
            _live.Add(name, buffer);
        return name;
    }

    /// <summary>Memory that is given back.</summary>
    public void Remove(nint name)
    {
        lock (Lock)
            _live.Remove(name);
    }

    /// <summary>The driver's handle of the memory of that name, or 0. Hold the lock as long as it is used.</summary>
    public nint Find(nint name) => _live.TryGetValue(name, out var buffer) ? buffer.Memory : 0;

    /// <summary>Whether the memory of that name is here.</summary>
    public bool Has(nint name)
    {
        lock (Lock)
            return _live.ContainsKey(name);
    }
}
