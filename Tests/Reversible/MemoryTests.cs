using MomentumCore.Layers;
using MomentumCore.Reversible;

namespace MomentumCore.Tests.Reversible;

/// <summary>What the modes keep, measured in tensor bytes on a device of their own.</summary>
[TestFixture]
internal sealed class MemoryTests
{
    private const int Rows = 256;
    private const int Width = 24;
    private const long StateBytes = Rows * Width * 4L;

    [Test]
    public void Peak_of_reversing_does_not_grow_with_depth([Values(MemoryMode.Recompute, MemoryMode.Exact)] MemoryMode mode)
    {
        long shallow = PeakOfStep(10, mode), deep = PeakOfStep(100, mode);
        Assert.That(deep, Is.LessThanOrEqualTo(shallow * 1.05));
    }

    [Test]
    public void Peak_of_Store_grows_in_proportion_to_depth()
    {
        long p10 = PeakOfStep(10, MemoryMode.Store), p50 = PeakOfStep(50, MemoryMode.Store),
        p100 = PeakOfStep(100, MemoryMode.Store);
        Assert.That((p100 - p50) / (double)(p50 - p10), Is.EqualTo(50.0 / 40).Within(0.01));
        Assert.That(p100, Is.GreaterThan(100 * StateBytes));
    }

    [Test]
    public void Recompute_needs_less_than_Store_from_a_few_layers_on() =>
        Assert.That(PeakOfStep(6, MemoryMode.Recompute), Is.LessThan(PeakOfStep(6, MemoryMode.Store)));

    [TestCase(1e-3, false, 2)]
    [TestCase(1e-3, true, 3)]
    [TestCase(double.PositiveInfinity, true, 2)]
    public void Between_forward_and_backward_Recompute_keeps_the_last_state_alone(
        double tolerance, bool velocity, int states)
    {
        var device = new CpuDevice(1);
        using var scope = TensorScope.Begin();
        // A velocity whose own derivative needs nothing kept.
        var net = new MomentumNet(
            [.. Enumerable.Repeat(Mlp(device), 7)], 0.9, MemoryMode.Recompute, velocity ? new Lambda(x => x + x) : null)
        {
            DriftTolerance = tolerance,
        };
        var x = Nets.Random([Rows, Width], 1, requiresGradient: true, DType.Float32, device);
        long before = device.Memory.LiveBytes;

        var y = net.Call(x);

        Assert.That(
            device.Memory.LiveBytes - before,
            Is.EqualTo(states * StateBytes),
            "x', v' and a learned v while drift is watched");
        Assert.That(y.RequiresGradient);
    }

    [Test]
    public void Without_recording_only_the_output_is_left([Values] MemoryMode mode)
    {
        var device = new CpuDevice(1);
        using var scope = TensorScope.Begin();
        using var noGrad = NoGrad.Begin();
        var net = MomentumNet.Repeat(Mlp(device), 7, 0.9, mode);
        var x = Nets.Random([Rows, Width], 1, dtype: DType.Float32, device: device);
        long before = device.Memory.LiveBytes;
        _ = net.Call(x);
        Assert.That(device.Memory.LiveBytes - before, Is.EqualTo(StateBytes));
    }

    [Test]
    public void A_forward_without_backward_leaks_nothing([Values] MemoryMode mode)
    {
        var device = new CpuDevice(1);
        var net = MomentumNet.Repeat(Mlp(device), 7, 0.9, mode);
        using var x = Nets.Random([Rows, Width], 1, requiresGradient: true, DType.Float32, device);
        long before = device.Memory.LiveBytes;
        for (int i = 0; i < 3; i++)
        {
            using var scope = TensorScope.Begin();
            _ = net.Call(x);
        }

        Assert.That(device.Memory.LiveBytes, Is.EqualTo(before));
        net.Call(x).Dispose();
        Assert.That(device.Memory.LiveBytes, Is.EqualTo(before), "nor without a scope");
    }

    [Test]
    public void An_exception_in_a_layer_leaks_nothing_and_the_block_works_afterwards(
        [Values] MemoryMode mode, [Values] bool inBackward)
    {
        var device = new CpuDevice(1);
        bool fails = false;
        var faulty = new Lambda(x => fails ? throw new InvalidOperationException("no") : x.Tanh());
        var net = new MomentumNet([Mlp(device), faulty, Mlp(device), Mlp(device)], 0.9, mode);
        using var x = Nets.Random([Rows, Width], 1, requiresGradient: true, DType.Float32, device);
        var expected = Nets.Run(net, x);
        long before = device.Memory.LiveBytes;
        using (TensorScope.Begin())
        {
            fails = !inBackward;
            if (!inBackward)
            {
                Assert.That(() => net.Call(x), Throws.InvalidOperationException.With.Message.EqualTo("no"));
            }
            else if (mode != MemoryMode.Store)
            {
                var loss = net.Call(x).Sum();
                fails = true;
                Assert.That(() => loss.Backward(), Throws.InvalidOperationException.With.Message.EqualTo("no"));
                fails = false;
                Assert.That(() => loss.Backward(), Throws.TypeOf<GradientException>(), "what was kept is used up");
            }
        }

        fails = false;
        Assert.That(device.Memory.LiveBytes, Is.EqualTo(before));
        Assert.That(NoGrad.IsRecording);
        var again = Nets.Run(net, x);
        Assert.That(again.Output, Is.EqualTo(expected.Output));
        Nets.AssertSame(again.Gradients, expected.Gradients, 0);
        Assert.That(device.Memory.LiveBytes, Is.EqualTo(before));
    }

    [Test]
    public void A_hundred_training_steps_leak_nothing([Values(MemoryMode.Recompute, MemoryMode.Exact)] MemoryMode mode)
    {
        var device = new CpuDevice(1);
        var net = new MomentumNet(
            [Mlp(device), Mlp(device), Mlp(device)], 0.9, mode, Mlp(device), isResidual: false);
        using var x = Nets.Random([Rows, Width], 1, requiresGradient: true, DType.Float32, device);
        long after = 0;
        for (int step = 0; step < 100; step++)
        {
            Nets.Run(net, x);
            if (step == 0)
                after = device.Memory.LiveBytes;
        }

        Assert.That(device.Memory.LiveBytes, Is.EqualTo(after));
    }

    private static Sequential Mlp(CpuDevice device) => Nets.Mlp(Width, 8, 1, DType.Float32, device);

    private static long PeakOfStep(int depth, MemoryMode mode)
    {
        var device = new CpuDevice(1);
        using var scope = TensorScope.Begin();
        var net = MomentumNet.Repeat(Mlp(device), depth, 1 - (1 / (50.0 * depth)), mode);
        var x = Nets.Random([Rows, Width], 1, dtype: DType.Float32, device: device);
        device.Memory.ResetPeak();
        long before = device.Memory.LiveBytes;
        var y = net.Call(x);
        (y * y).Sum().Backward();
        return device.Memory.PeakBytes - before;
    }
}
