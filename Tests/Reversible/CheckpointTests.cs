using MomentumCore.Layers;
using MomentumCore.Reversible;

namespace MomentumCore.Tests.Reversible;

/// <summary>States kept every few layers hold the drift of Recompute down.</summary>
[TestFixture]
internal sealed class CheckpointTests
{
    [Test]
    public void Checkpoints_make_gradients_right_where_drift_was_too_large([Values] bool velocity, [Values] bool isResidual)
    {
        var net = Nets.Deep(60, 0.6, MemoryMode.Store, velocity: velocity, isResidual: isResidual, dtype: DType.Float32);
        var x = Nets.Random([4, 3], 1, requiresGradient: true, DType.Float32);
        var stored = Nets.Run(net, x);
        net.Memory = MemoryMode.Recompute;
        Assert.That(() => Nets.Run(net, x), Throws.TypeOf<ReversalException>().With.Message.Contains("OnDrift.Checkpoint"));
        net.OnDrift = OnDrift.Checkpoint;
        Nets.AssertSame(Nets.Run(net, x), stored, 2e-2);
        Assert.That(net.LastDrift, Is.LessThan(1e-3));
        Assert.That(net.CheckpointEvery, Is.InRange(2, 40), "chosen from the growth, not one by one");
        Nets.AssertSame(Nets.Run(net, x), stored, 2e-2);
    }

    [Test]
    public void The_faster_drift_grows_the_nearer_to_each_other_are_the_states()
    {
        int Every(double gamma)
        {
            var net = Nets.Deep(80, gamma, MemoryMode.Recompute, dtype: DType.Float32);
            net.OnDrift = OnDrift.Checkpoint;
            _ = Nets.Run(net, Nets.Random([4, 3], 1, requiresGradient: true, DType.Float32));
            Assert.That(net.LastDrift, Is.LessThan(1e-3));
            return net.CheckpointEvery;
        }

        int[] every = [Every(0.5), Every(0.65), Every(0.8)];
        Assert.That(every, Is.Ordered.Ascending);
        // A factor of 1/γ a layer from 6e-8 to a quarter of the tolerance: ln 4200 / ln (1/γ).
        Assert.That(every[0], Is.EqualTo(12).Within(4));
        Assert.That(every[2], Is.EqualTo(37).Within(12));
    }

    [Test]
    public void Where_drift_is_small_no_states_are_kept()
    {
        var net = Nets.Deep(10, 0.99, MemoryMode.Recompute, dtype: DType.Float32);
        net.OnDrift = OnDrift.Checkpoint;
        _ = Nets.Run(net, Nets.Random([4, 3], 1, requiresGradient: true, DType.Float32));
        Assert.That(net.CheckpointEvery, Is.Zero);
    }

    [TestCase(1)]
    [TestCase(3)]
    [TestCase(7)]
    [TestCase(100)]
    public void Any_number_of_layers_between_states_gives_the_gradients_of_Store(int every)
    {
        var net = Nets.Deep(8, 0.8, MemoryMode.Store);
        var x = Nets.Random([4, 3], 1, requiresGradient: true);
        var stored = Nets.Run(net, x);
        net.Memory = MemoryMode.Recompute;
        net.CheckpointEvery = every;
        Nets.AssertSame(Nets.Run(net, x), stored, 1e-12);
        Assert.That(() => net.CheckpointEvery = -1, Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Dropout_and_statistics_are_not_disturbed_by_measuring_the_growth()
    {
        double[] Step(MemoryMode mode, OnDrift onDrift)
        {
            using var random = RandomSource.Use(new RandomSource(5));
            using var scope = TensorScope.Begin();
            var net = MomentumNet.Repeat(new Sequential(new Normed(3), new DroppedTanh()), 30, 0.5, mode);
            net.OnDrift = onDrift;
            net.DriftTolerance = mode == MemoryMode.Recompute ? 1e-7 : 1;
            var x = Nets.Random([6, 3], 1, requiresGradient: true);
            net.Call(x).Square().Sum().Backward();
            Assert.That(net.CheckpointEvery, mode == MemoryMode.Recompute ? Is.GreaterThan(0) : Is.Zero);
            return [.. x.Gradient!.ToArray<double>(), .. net.Buffers().SelectMany(b => b.ToArray<double>())];
        }

        Assert.That(Step(MemoryMode.Recompute, OnDrift.Checkpoint), Is.EqualTo(Step(MemoryMode.Store, OnDrift.Throw)).Within(1e-3).Percent);
    }

    [Test]
    public void States_are_given_back_after_backward_and_after_a_failure()
    {
        var device = new CpuDevice(1);
        bool fails = false;
        var net = MomentumNet.Repeat(new Lambda(x => fails ? throw new InvalidOperationException("no") : x.Sin()), 9, 0.9, MemoryMode.Recompute);
        net.CheckpointEvery = 2;
        using var x = Nets.Random([32], 1, requiresGradient: true, DType.Float32, device);
        Nets.Run(net, x);
        long before = device.Memory.LiveBytes;
        Nets.Run(net, x);
        Assert.That(device.Memory.LiveBytes, Is.EqualTo(before));
        using (TensorScope.Begin())
        {
            var loss = net.Call(x).Sum();
            fails = true;
            Assert.That(() => loss.Backward(), Throws.InvalidOperationException);
        }

        Assert.That(device.Memory.LiveBytes, Is.EqualTo(before));
    }
}
