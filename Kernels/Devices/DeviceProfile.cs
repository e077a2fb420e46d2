using System.Globalization;
using System.Text;

namespace MomentumCore.Kernels.Devices;

/// <summary>Where a device spends its time: count and time of every kernel and copy; see <see cref="Device.Profile"/>.</summary>
public sealed class DeviceProfile : IDisposable
{
    /// <summary>The name under which copies from host to device are counted.</summary>
    public const string CopiesToDevice = "(copy to device)";

    /// <summary>The name under which copies from device to host are counted.</summary>
    public const string CopiesToHost = "(copy to host)";

    private readonly Lock _lock = new();
    private readonly Dictionary<object, Entry> _entries = [];
    private readonly Device _device;

    internal DeviceProfile(Device device) => _device = device;

    /// <summary>Kernels and copies, the most expensive first. Reading it waits for the device.</summary>
    public IReadOnlyList<KernelTime> Kernels
    {
        get
        {
            _device.CollectProfile();
            lock (_lock)
            {
                return
                [
                    .. _entries.Select(e => (Name: NameOf(e.Key), Entry: e.Value)).GroupBy(e => e.Name)
                        .Select(g => new KernelTime(g.Key, g.Sum(e => e.Entry.Count), g.Sum(e => e.Entry.Nanoseconds) / 1e6))
                        .OrderByDescending(k => k.Milliseconds).ThenBy(k => k.Name, StringComparer.Ordinal),
                ];
            }
        }
    }

    /// <summary>Ends the measurement. What was measured can still be read.</summary>
    public void Dispose() => _device.EndProfile(this);

    /// <summary>A table: kernel, count, milliseconds in all, microseconds for each run, part of the whole.</summary>
    public override string ToString()
    {
        var kernels = Kernels;
        double total = kernels.Sum(k => k.Milliseconds);
        int width = kernels.Select(k => k.Name.Length).Append("kernel".Length).Max();
        var text = new StringBuilder();
        Line("kernel", "count", "ms", "µs each", "part");
        foreach (var k in kernels)
        {
            Line(
                k.Name, Number(k.Count, "0"), Number(k.Milliseconds, "0.000"),
                Number(1000 * k.Milliseconds / k.Count, "0.0"), Number(total > 0 ? 100 * k.Milliseconds / total : 0, "0.0") + " %");
        }

        Line("all", Number(kernels.Sum(k => k.Count), "0"), Number(total, "0.000"), "", "");
        return text.ToString();

        void Line(string name, string count, string time, string each, string part) => text.AppendLine(
            $"{name.PadRight(width)} {count,8} {time,12} {each,10} {part,8}".TrimEnd());
    }

    /// <summary>Adds a run of a kernel (a <see cref="KernelInfo"/> or the type of its loop) or of a copy (its name).</summary>
    internal void Add(object what, double nanoseconds)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(what, out var entry))
                _entries[what] = entry = new Entry();
            entry.Count++;
            entry.Nanoseconds += nanoseconds;
        }
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    // The loop of a generated kernel is a struct TanhFloat32Body, or …Groups, on the emulator …Item; hand-written ones
    // have generic names.
    private static string NameOf(object what)
    {
        if (what is not Type body)
            return what is KernelInfo kernel ? kernel.FullName : (string)what;
        string name = body.Name;
        int generic = name.IndexOf('`', StringComparison.Ordinal);
        if (generic >= 0)
            return $"{name[..generic]} (by hand)";
        foreach (string form in (ReadOnlySpan<string>)["Float32", "Float64", "Int32", "Int64"])
        {
            foreach (string end in (ReadOnlySpan<string>)["StridedBody", "Body", "Groups", "StridedItem", "Item"])
            {
                if (name.EndsWith(form + end, StringComparison.Ordinal))
                    return $"{name[..^(form.Length + end.Length)]} ({form})";
            }
        }

        return $"{name} (by hand)";
    }

    private sealed class Entry
    {
        public long Count { get; set; }

        public double Nanoseconds { get; set; }
    }
}
