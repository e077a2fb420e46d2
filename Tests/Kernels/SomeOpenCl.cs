using MomentumCore.Kernels.Devices.OpenCl;

namespace MomentumCore.Tests.Kernels;

/// <summary>What the OpenCL tests share: the device, where there is one, and a kernel that takes its time.</summary>
internal static class SomeOpenCl
{
    /// <summary>y = x after much else, so that what is launched next has to wait.</summary>
    private static readonly KernelInfo Slow = new("SlowCopy", """
        __kernel void SlowCopy(int n, __global const float* x, long xo, long xn, __global float* y, long yo, long yn, int rounds) {
            int i = get_global_id(0);
            if (i >= n) return;
            float t = 0;
            for (int k = 0; k < rounds; k++) t = t * 0.5f + x[xo + i];
            y[yo + i] = t > -1e30f ? x[xo + i] : t;
        }
        """, usesDouble: false);

    /// <summary>
    /// The first device, or null; see <see cref="OpenClTests.There_is_a_device_where_CI_runs_and_a_notice_elsewhere"/>.
    /// </summary>
    public static OpenClDevice? Any => Device.All.OfType<OpenClDevice>().FirstOrDefault();

    /// <summary>The same driver behind a device object of its own.</summary>
    public static OpenClDevice Again(OpenClDevice device, OpenClFacts? facts = null, string? cacheFolder = null) =>
        new(device.Handle, 90, facts ?? device.Facts, new OpenClBinaryCache(cacheFolder));

    /// <summary>Starts to copy x to y, slowly.</summary>
    public static void StartSlowCopy(Tensor x, Tensor y) => KernelLaunch.Run(
        x.Device, Slow, x.Count,
        [KernelArgument.Of(x.View<float>()), KernelArgument.Of(y.View<float>()), KernelArgument.Of(20_000)]);

    /// <summary>Where the tensor's memory is.</summary>
    public static nint Memory(Tensor x) => ((OpenClBuffer)x.Storage.Buffer).Memory;
}
