namespace MomentumCore.Kernels.Devices;

/// <summary>
/// While open, new memory of a device is filled with a pattern, inside and in a zone before and after it: a changed
/// zone shows a write out of bounds, and a result that depends on the pattern shows a read of what nobody wrote.
/// </summary>
/// <remarks>For checks alone: every allocation and every release is a copy from the device.</remarks>
internal sealed class GuardZones : IDisposable
{
    /// <summary>Bytes before and after the memory.</summary>
    public const int Zone = 1024;

    private const int Chunk = 1 << 16;

    private readonly Lock _lock = new();
    private readonly List<DeviceBuffer> _live = [];
    private readonly List<string> _faults = [];
    private readonly Device _device;
    private readonly byte _pattern;

    public GuardZones(Device device, byte pattern)
    {
        _device = device;
        _pattern = pattern;
        if (Interlocked.CompareExchange(ref device.Guards, this, null) != null)
            throw new InvalidOperationException($"{device.Name} is being checked already; wait until that is done.");
    }

    /// <summary>What was written where nothing may be, after a look at the memory that is still held.</summary>
    public IReadOnlyList<string> Faults
    {
        get
        {
            lock (_lock)
            {
                foreach (var buffer in _live)
                    Look(buffer);
                return [.. _faults.Distinct()];
            }
        }
    }

    public void Dispose() => Interlocked.CompareExchange(ref _device.Guards, null, this);

    /// <summary>Takes new memory under watch.</summary>
    public void Fill(DeviceBuffer buffer)
    {
        var pattern = new byte[Chunk];
        pattern.AsSpan().Fill(_pattern);
        long end = buffer.Bytes + Zone;
        for (long at = -Zone; at < end; at += Chunk)
            _device.Upload(pattern.AsSpan(0, (int)Math.Min(Chunk, end - at)), buffer, at);
        lock (_lock)
            _live.Add(buffer);
    }

    /// <summary>Looks at memory that is about to be given back.</summary>
    public void Release(DeviceBuffer buffer)
    {
        lock (_lock)
        {
            if (_live.Remove(buffer))
                Look(buffer);
        }
    }

    private void Look(DeviceBuffer buffer)
    {
        var zone = new byte[Zone];
        Read(buffer, -Zone, zone);
        int before = Zone - zone.AsSpan().IndexOfAnyExcept(_pattern);
        if (before <= Zone)
            _faults.Add($"it writes up to {before} bytes before the first element of a view of {buffer.Bytes} bytes");
        Read(buffer, buffer.Bytes, zone);
        int after = zone.AsSpan().LastIndexOfAnyExcept(_pattern) + 1;
        if (after > 0)
            _faults.Add($"it writes up to {after} bytes after the last element of a view of {buffer.Bytes} bytes");
    }

    /// <summary>
    /// Without what waits for a read of the program (<see cref="Device.WhenRead"/>): this one comes from Dispose or from
    /// a finalizer, which throw nothing.
    /// </summary>
    private unsafe void Read(DeviceBuffer buffer, long offset, byte[] zone)
    {
        fixed (byte* z = zone)
            _device.DownloadAsync(buffer, offset, z, zone.Length).GetAwaiter().GetResult();
    }
}
