namespace MomentumCore.Kernels.Devices;

/// <summary>Counts the bytes that tensors hold on a device, now and at their highest.</summary>
public sealed class MemoryCounter
{
    private long _live;
    private long _peak;
    private long _allocations;

    /// <summary>Bytes held now.</summary>
    public long LiveBytes => Interlocked.Read(ref _live);

    /// <summary>The most bytes held at once since the start or the last <see cref="ResetPeak"/>.</summary>
    public long PeakBytes => Interlocked.Read(ref _peak);

    /// <summary>Buffers handed out since the start.</summary>
    public long Allocations => Interlocked.Read(ref _allocations);

    /// <summary>Starts a new measurement: the peak becomes what is live now.</summary>
    public void ResetPeak() => Interlocked.Exchange(ref _peak, Interlocked.Read(ref _live));

    internal void Add(long bytes)
    {
        long live = Interlocked.Add(ref _live, bytes);
        Interlocked.Increment(ref _allocations);
        long peak = Interlocked.Read(ref _peak);
        while (live > peak)
        {
            long seen = Interlocked.CompareExchange(ref _peak, live, peak);
            if (seen == peak)
                break;
            peak = seen;
        }
    }

    internal void Remove(long bytes) => Interlocked.Add(ref _live, -bytes);
}
