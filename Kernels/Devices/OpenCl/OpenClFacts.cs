namespace MomentumCore.Kernels.Devices.OpenCl;

/// <summary>What a driver says of a device, read once, so that tests can say otherwise.</summary>
internal sealed record OpenClFacts(string Name, string Version, string Driver, bool HasDouble, bool RoundsDivision)
{
    private const uint MaxWorkGroupSize = 0x1004;
    private const uint LocalMemorySize = 0x1023;

    /// <summary>The most work items of a group.</summary>
    public long MaxGroupSize { get; init; } = long.MaxValue;

    /// <summary>Bytes of shared memory of a group.</summary>
    public long SharedBytes { get; init; } = long.MaxValue;

    /// <summary>Whether the driver keeps compiled programs on disk itself.</summary>
    public bool KeepsPrograms => Version.Contains("PoCL", StringComparison.OrdinalIgnoreCase);

    public static OpenClFacts Of(nint device) => new(
        OpenClInfo.Text(device, OpenClInfo.DeviceName),
        OpenClInfo.Text(device, OpenClInfo.DeviceVersion),
        OpenClInfo.Text(device, OpenClInfo.DriverVersion),
        OpenClInfo.Text(device, OpenClInfo.DeviceExtensions).Contains("cl_khr_fp64", StringComparison.Ordinal),
        OpenClInfo.RoundsDivisionCorrectly(device))
    {
        MaxGroupSize = OpenClInfo.Number(device, MaxWorkGroupSize, long.MaxValue),
        SharedBytes = OpenClInfo.Number(device, LocalMemorySize, long.MaxValue),
    };
}
