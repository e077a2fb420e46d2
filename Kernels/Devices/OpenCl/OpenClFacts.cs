namespace MomentumCore.Kernels.Devices.OpenCl;

/// <summary>What a driver says of a device, read once, so that tests can say otherwise.</summary>
internal sealed record OpenClFacts(string Name, string Version, string Driver, bool HasDouble, bool RoundsDivision)
{
    /// <summary>The extension that a kernel's source asks for when it has atomic functions for 64 bits.</summary>
    public const string LongAtomics = "cl_khr_int64_base_atomics";

    private const uint MaxWorkGroupSize = 0x1004;
    private const uint LocalMemorySize = 0x1023;

    /// <summary>The most work items of a group.</summary>
    public long MaxGroupSize { get; init; } = long.MaxValue;

    /// <summary>Bytes of shared memory of a group.</summary>
    public long SharedBytes { get; init; } = long.MaxValue;

    /// <summary>Whether it has atomic functions for 64 bits.</summary>
    public bool HasLongAtomics { get; init; } = true;

    /// <summary>Whether it speaks OpenCL 1.2 or later: "OpenCL 1.2 …" is its version.</summary>
    public bool IsRecent =>
        Version.Split(' ') is ["OpenCL", var number, ..] && System.Version.TryParse(number, out var version)
        && version >= new System.Version(1, 2);

    /// <summary>Whether the driver keeps compiled programs on disk itself.</summary>
    public bool KeepsPrograms => Version.Contains("PoCL", StringComparison.OrdinalIgnoreCase);

    public static OpenClFacts Of(nint device)
    {
        string[] extensions = OpenClInfo.Text(device, OpenClInfo.DeviceExtensions).Split(' ');
        return new(
            OpenClInfo.Text(device, OpenClInfo.DeviceName),
            OpenClInfo.Text(device, OpenClInfo.DeviceVersion),
            OpenClInfo.Text(device, OpenClInfo.DriverVersion),
            extensions.Contains("cl_khr_fp64"),
            OpenClInfo.RoundsDivisionCorrectly(device))
        {
            MaxGroupSize = OpenClInfo.Number(device, MaxWorkGroupSize, long.MaxValue),
            SharedBytes = OpenClInfo.Number(device, LocalMemorySize, long.MaxValue),
            HasLongAtomics = extensions.Contains(LongAtomics) && extensions.Contains("cl_khr_int64_extended_atomics"),
        };
    }
}
