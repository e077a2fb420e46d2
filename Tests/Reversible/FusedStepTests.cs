using MomentumCore.Kernels.Devices.Emulator;
using MomentumCore.Kernels.Library;
using MomentumCore.Reversible;
using MomentumCore.Tests.Kernels;

namespace MomentumCore.Tests.Reversible;

/// <summary>A layer costs one kernel in either direction beside those of f, which a device with kernels can count.</summary>
[TestFixture]
internal sealed class FusedStepTests
{
    private static readonly string[] Sketches = [nameof(RowSketch.OfPieces), nameof(RowSketch.OfRows)];

    [Test]
    public void The_step_and_its_inverse_with_the_adjoints_are_one_kernel_each(
        [Values(MemoryMode.Recompute, MemoryMode.Exact)] MemoryMode mode,
        [Values(DType.Float32, DType.Float64)] DType dtype,
        [Values] bool isResidual)
    {
        foreach (var device in OwnDevices())
        {
            var (five, nine) = (Count(device, 5), Count(device, 9));
            // f is one kernel, its derivative another.
            Assert.That(nine.Forward - five.Forward, Is.EqualTo(4 * (1 + 1)), $"forward on {device.Name}");
            Assert.That(nine.Backward - five.Backward, Is.EqualTo(4 * (1 + 2)), $"backward on {device.Name}");
        }

        (long Forward, long Backward) Count(Device device, int depth)
        {
            using var scope = TensorScope.Begin();
            // With γ = 1 no bits are set aside.
            var net = MomentumNet.Repeat(new Lambda(x => x * 0.5), depth, 1, mode, isResidual: isResidual);
            var x = Nets.Random([40], 1, requiresGradient: true, dtype, device);
            using var profile = device.Profile();
            var y = net.Call(x);
            long forward = Launches();
            y.Sum().Backward();
            return (forward, Launches() - forward);

            // But for those that compare the layers' outputs.
            long Launches() => profile.Kernels.Where(k => !Sketches.Contains(k.Name.Split(' ')[0])).Sum(k => k.Count);
        }
    }

    [Test]
    public void A_step_of_Exact_reads_once_from_the_device_whatever_its_depth([Values] bool verify)
    {
        if (SomeOpenCl.Any is not { } any)
        {
            Assert.Warn("No OpenCL device here: its reads were not counted.");
            return;
        }

        using var scope = TensorScope.Begin();
        var device = SomeOpenCl.Again(any);
        var net = MomentumNet.Repeat(new Lambda(x => x * 0.5), 12, 0.7, MemoryMode.Exact);
        net.Verify = verify;
        var x = Nets.Random([40], 1, requiresGradient: true, DType.Float32, device);
        using var profile = device.Profile();
        net.Call(x).Sum().Backward();
        device.Synchronize();
        Assert.That(profile.Kernels.Where(k => k.Name == DeviceProfile.CopiesToHost).Sum(k => k.Count), Is.EqualTo(1));
    }

    private static IEnumerable<Device> OwnDevices()
    {
        yield return new EmulatorDevice();
        if (SomeOpenCl.Any is { } any)
            yield return SomeOpenCl.Again(any);
    }
}
