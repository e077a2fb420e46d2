using MomentumCore.Kernels.Devices.OpenCl;
using MomentumCore.Layers;
using MomentumCore.Reversible;
using MomentumCore.Samples;
using MomentumCore.Tests.Kernels;

namespace MomentumCore.Tests.Samples;

/// <summary>A training step stays on its device: what it checks it checks when the host reads anyway.</summary>
[TestFixture]
[NonParallelizable] // counts what the whole process copies
internal sealed class RoundTripTests
{
    [TestCase(MemoryMode.Store)]
    [TestCase(MemoryMode.Recompute)]
    public void A_training_step_of_the_digit_network_makes_no_round_trip(MemoryMode mode)
    {
        if (SomeOpenCl.Any is not { } any)
            return;
        var device = SomeOpenCl.Again(any, cacheFolder: OpenClBinaryCache.Folder(null));
        using var scope = TensorScope.Begin();
        using var random = RandomSource.Use(new RandomSource(1));
        using var network = new DigitNetwork(2, mode);
        network.To(device);
        using var optimizer = new AdamW(network.Parameters(), 0.01);
        var images = Tensor.Rand([4, 1, 28, 28]).To(device);
        var labels = Tensor.From([3L, 1, 4, 1], [4], device);
        double first = Step().Item();
        long before = device.Transfers, launches = device.Launches;

        var loss = Step();
        Assert.That(device.Transfers, Is.EqualTo(before));
        Assert.That(device.Launches, Is.GreaterThan(launches + 20));
        Assert.That(loss.Item(), Is.LessThan(first));
        Assert.That(device.Transfers, Is.GreaterThan(before), "the count counts");

        Tensor Step()
        {
            var loss = network.Call(images).CrossEntropy(labels);
            optimizer.ZeroGradient();
            loss.Backward();
            optimizer.Step();
            return loss;
        }
    }

    [Test]
    public void A_wrong_class_is_named_at_the_next_read_and_the_device_goes_on()
    {
        if (SomeOpenCl.Any is not { } any)
            return;
        var device = SomeOpenCl.Again(any);
        using var scope = TensorScope.Begin();
        var x = Tensor.Zeros([3, 5], device: device);
        var loss = x.CrossEntropy(Tensor.From([0L, 5, 2], [3], device));
        Assert.That(
            () => loss.Item(),
            Throws.TypeOf<ArgumentOutOfRangeException>()
                .With.Message.Contains("class index 5 at position 1 is outside 0 … 4"));
        Assert.That(
            x.CrossEntropy(Tensor.From([0L, -100, 2], [3], device)).Item(), Is.EqualTo(Math.Log(5)).Within(1e-6));

        x.IndexSelect(0, Tensor.From([0L, -1], [2], device));
        Assert.That(
            device.Synchronize,
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("IndexSelect")
                .And.Message.Contains("-1"));
        Assert.That(x.IndexSelect(0, Tensor.From([0L, 2], [2], device)).ToArray<float>(), Is.All.Zero);
    }

    [Test]
    public void Too_large_a_drift_is_thrown_at_the_next_read()
    {
        if (SomeOpenCl.Any is not { } any)
            return;
        var device = SomeOpenCl.Again(any);
        using var scope = TensorScope.Begin();
        using var random = RandomSource.Use(new RandomSource(1));
        using var net = MomentumNet.Repeat(new Sequential(new Linear(3, 3), new Tanh()), 60, 0.5, MemoryMode.Recompute);
        net.To(device);
        net.Call(Tensor.Randn([2, 3], device: device)).Sum().Backward();
        Assert.That(net.LastDrift, Is.Null);
        Assert.That(device.Synchronize, Throws.TypeOf<ReversalException>().With.Message.Contains("60 layers"));
        Assert.That(net.LastDrift, Is.GreaterThan(1e-3));
    }
}
