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
        if (OpenClNative.Find(libraries ?? OpenClNative.Names) == 0)
            return [];
        using var exceptions = DivisionSignal.Keep();
        return
        [
            .. Usable(Platforms, DevicesOf, OpenClFacts.Of)
                .Select((found, number) => new OpenClDevice(found.Device, number, found.Facts, OpenClBinaryCache.OfUser(found.Facts))),
        ];
    }

    /// <summary>The devices that can be used. A driver that fails, or lacks a function, costs its own devices alone.</summary>
    /// <param name="platforms">Asks the loader for its platforms.</param>
    /// <param name="devices">Asks a platform for its devices.</param>
    /// <param name="facts">Asks a device what it is.</param>
    internal static List<(nint Device, OpenClFacts Facts)> Usable(
        Func<nint[]> platforms, Func<nint, nint[]> devices, Func<nint, OpenClFacts> facts)
    {
        var usable = new List<(nint, OpenClFacts)>();
        foreach (nint platform in Answer(platforms) ?? [])
        {
            foreach (nint device in Answer(() => devices(platform)) ?? [])
            {
                if (Answer(() => facts(device)) is { IsRecent: true } known)
                    usable.Add((device, known));
            }
        }

        return usable;
    }

    private static T? Answer<T>(Func<T> question)
        where T : class
    {
        try
        {
            return question();
        }
        catch (Exception problem) when (problem is OpenClException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    private static nint[] Platforms()
    {
        uint count;
        if (OpenClNative.clGetPlatformIDs(0, null, &count) != 0 || count == 0)
            return [];
        var platforms = new nint[count];
        fixed (nint* p = platforms)
            OpenClException.Check(OpenClNative.clGetPlatformIDs(count, p, null), "clGetPlatformIDs");
        return platforms;
    }

    private static nint[] DevicesOf(nint platform)
    {
        uint count;
        if (OpenClNative.clGetDeviceIDs(platform, AllDevices, 0, null, &count) != 0 || count == 0)
            return [];
        var devices = new nint[count];
        fixed (nint* d = devices)
            OpenClException.Check(OpenClNative.clGetDeviceIDs(platform, AllDevices, count, d, null), "clGetDeviceIDs");
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
}
