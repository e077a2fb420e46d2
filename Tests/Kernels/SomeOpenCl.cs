using MomentumCore.Kernels.Devices.OpenCl;

namespace MomentumCore.Tests.Kernels;

/// <summary>What the OpenCL tests share: the device, where there is one.</summary>
internal static class SomeOpenCl
{
    /// <summary>What a test without a device says, so that the last line of a run counts it as skipped.</summary>
    public const string Notice = "No OpenCL device here: this was not tested. On Debian: apt-get install pocl-opencl-icd";

    /// <summary>The first device, or null.</summary>
    public static OpenClDevice? Any => Device.All.OfType<OpenClDevice>().FirstOrDefault();

    /// <summary>
    /// The first device; without one the test is skipped. Where CI runs that is a failure, see
    /// <see cref="OpenClTests.There_is_a_device_where_CI_runs_and_a_notice_elsewhere"/>.
    /// </summary>
    public static OpenClDevice Required
    {
        get
        {
            if (Any is { } device)
                return device;
            Assert.Ignore(Notice);
            throw new InvalidOperationException(Notice);
        }
    }

    /// <summary>The same driver behind a device object of its own.</summary>
    public static OpenClDevice Again(OpenClDevice device, OpenClFacts? facts = null, string? cacheFolder = null) =>
        new(device.Handle, 90, facts ?? device.Facts, new OpenClBinaryCache(cacheFolder));

    /// <summary>Where the tensor's memory is.</summary>
    public static nint Memory(Tensor x) => ((OpenClBuffer)x.Storage.Buffer).Memory;
}
