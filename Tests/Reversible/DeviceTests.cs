using MomentumCore.Kernels.Devices.OpenCl;
using MomentumCore.Layers;
using MomentumCore.Reversible;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Reversible;

/// <summary>Training steps of a momentum network on every OpenCL device, against the CPU.</summary>
[TestFixture]
internal sealed class DeviceTests
{
    [Test]
    public void Training_steps_end_with_the_weights_that_the_cpu_gets(
        [Values(MemoryMode.Store, MemoryMode.Recompute)] MemoryMode mode, [Values] bool convolutional)
    {
        var others = Device.All.OfType<OpenClDevice>().ToList();
        if (others.Count == 0)
            Assert.Warn("No OpenCL device here: the momentum network was trained on the CPU alone.");
        double[] wanted = Train(Device.Cpu, mode, convolutional);
        Assert.That(
            wanted, Is.Not.EqualTo(Train(Device.Cpu, mode, convolutional, steps: 0)), "training changes weights");
        foreach (var device in others)
            TestTensors.AssertClose(Train(device, mode, convolutional), wanted, 2e-5, 2e-6, $"{mode} on {device.Name}");
    }

    private static double[] Train(Device device, MemoryMode mode, bool convolutional, int steps = 3)
    {
        using var random = RandomSource.Use(new RandomSource(7));
        using var scope = TensorScope.Begin();
        using var net = convolutional ? Images(mode) : Rows(mode);
        net.To(device);
        using var optimizer = new Sgd(net.Parameters(), 0.2, momentum: 0.9);
        Shape shape = convolutional ? [4, 3, 5, 5] : [6, 5];
        var x = Tensor.Randn(shape).To(device);
        var target = Tensor.Randn(shape).To(device);
        for (int step = 0; step < steps; step++)
        {
            optimizer.ZeroGradient();
            net.Call(x).MseLoss(target).Backward();
            optimizer.Step();
        }

        return [.. net.Parameters().SelectMany(p => p.Values())];
    }

    private static MomentumNet Rows(MemoryMode mode) => new(
        [.. Enumerable.Range(0, 4).Select(_ => new Sequential(new Linear(5, 7), new Tanh(), new Linear(7, 5)))],
        0.9,
        mode,
        initialVelocity: new Linear(5, 5));

    private static MomentumNet Images(MemoryMode mode) => new(
        [
            .. Enumerable.Range(0, 3).Select(
                _ => new Sequential(new Conv2d(3, 3, 3, padding: 1), new GroupNorm(1, 3), new Relu())),
        ],
        0.9,
        mode);
}
