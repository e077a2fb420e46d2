using MomentumCore.Kernels.Devices.OpenCl;

namespace MomentumCore.Tests.Kernels;

/// <summary>What the OpenCL tests share: the device, where there is one.</summary>
internal static class SomeOpenCl
{
    /// <summary>
    /// The first device, or null; see <see cref="OpenClTests.There_is_a_device_where_CI_runs_and_a_notice_elsewhere"/>.
    /// </summary>
    public static OpenClDevice? Any => Device.All.OfType<OpenClDevice>().FirstOrDefault();

    /// <summary>The same driver behind a device object of its own.</summary>
    public static OpenClDevice Again(OpenClDevice device, OpenClFacts? facts = null, string? cacheFolder = null) =>
        new(device.Handle, 90, facts ?? device.Facts, new OpenClBinaryCache(cacheFolder));

    /// <summary>Where the tensor's memory is.</summary>
    public static nint Memory(Tensor x) => ((OpenClBuffer)x.Storage.Buffer).Memory;
}
