using System.Text;

namespace MomentumCore.Kernels.Devices.OpenCl;

/// <summary>Asks platforms and devices for their properties.</summary>
internal static unsafe class OpenClInfo
{
    public const uint DeviceName = 0x102B;
    public const uint DriverVersion = 0x102D;
    public const uint DeviceVersion = 0x102F;
    public const uint DeviceExtensions = 0x1030;
    private const ulong AllDevices = 0xFFFFFFFF;

    /// <summary>All devices of all drivers that speak OpenCL 1.2 or later; none when there is no loader.</summary>
    /// <param name="libraries">Names under which to look for the loader; the usual ones if none.</param>
    public static IReadOnlyList<OpenClDevice> Devices(IReadOnlyList<string>? libraries = null)
    {
        var devices = new List<OpenClDevice>();
        if (OpenClNative.Find(libraries ?? OpenClNative.Names) == 0)
            return devices;
        using var exceptions = DivisionSignal.Keep();
        uint count;
        if (OpenClNative.clGetPlatformIDs(0, null, &count) != 0 || count == 0)
            return devices;
        var platforms = new nint[count];
        fixed (nint* p = platforms)
            OpenClException.Check(OpenClNative.clGetPlatformIDs(count, p, null), "clGetPlatformIDs");
        foreach (nint platform in platforms)
        {
            uint found;
            if (OpenClNative.clGetDeviceIDs(platform, AllDevices, 0, null, &found) != 0 || found == 0)
                continue;
            var handles = new nint[found];
            fixed (nint* h = handles)
                OpenClException.Check(OpenClNative.clGetDeviceIDs(platform, AllDevices, found, h, null), "clGetDeviceIDs");
            foreach (nint handle in handles.Where(IsRecent))
            {
                var facts = OpenClFacts.Of(handle);
                devices.Add(new OpenClDevice(handle, devices.Count, facts, OpenClBinaryCache.OfUser(facts)));
            }
        }

        return devices;
    }

    public static string Text(nint device, uint name)
    {
        nuint size;
        if (OpenClNative.clGetDeviceInfo(device, name, 0, null, &size) != 0)
            return "";
        var bytes = new byte[size];
        fixed (byte* b = bytes)
            OpenClException.Check(OpenClNative.clGetDeviceInfo(device, name, size, b, null), "clGetDeviceInfo");
        return Encoding.UTF8.GetString(bytes).TrimEnd('\0').Trim();
    }

    /// <summary>A number of up to eight bytes, or <paramref name="unknown"/> where the driver does not say.</summary>
    public static long Number(nint device, uint name, long unknown)
    {
        ulong value = 0;
        return OpenClNative.clGetDeviceInfo(device, name, sizeof(ulong), &value, null) == 0 && value is > 0 and <= long.MaxValue
            ? (long)value
            : unknown;
    }

    /// <summary>Whether float division and square root can be asked to round as IEEE says.</summary>
    public static bool RoundsDivisionCorrectly(nint device)
    {
        const uint SingleFloatConfig = 0x101B;
        const ulong CorrectlyRounded = 1 << 7;
        ulong config = 0;
        return OpenClNative.clGetDeviceInfo(device, SingleFloatConfig, sizeof(ulong), &config, null) == 0 && (config & CorrectlyRounded) != 0;
    }

    // "OpenCL 1.2 …": major, dot, minor.
    private static bool IsRecent(nint device)
    {
        string[] words = Text(device, DeviceVersion).Split(' ');
        return words.Length > 1 && Version.TryParse(words[1], out var version) && version >= new Version(1, 2);
    }
}
