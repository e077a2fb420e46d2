namespace MomentumCore.Kernels.Devices.OpenCl;

/// <summary>What a driver says of a device, read once, so that tests can say otherwise.</summary>
internal sealed record OpenClFacts(string Name, string Version, string Driver, bool HasDouble, bool RoundsDivision)
{
    public static OpenClFacts Of(nint device) => new(
        OpenClInfo.Text(device, OpenClInfo.DeviceName),
        OpenClInfo.Text(device, OpenClInfo.DeviceVersion),
        OpenClInfo.Text(device, OpenClInfo.DriverVersion),
        OpenClInfo.Text(device, OpenClInfo.DeviceExtensions).Contains("cl_khr_fp64", StringComparison.Ordinal),
        OpenClInfo.RoundsDivisionCorrectly(device));
}
