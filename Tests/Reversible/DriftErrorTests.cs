using MomentumCore.Reversible;

namespace MomentumCore.Tests.Reversible;

/// <summary>What the drift watch of Recompute refuses, and how it says so.</summary>
[TestFixture]
internal sealed class DriftErrorTests
{
    [Test]
    public void Too_much_drift_throws_and_names_depth_drift_and_remedies()
    {
        using var scope = TensorScope.Begin();
        var net = Nets.Deep(40, 0.3, MemoryMode.Recompute, dtype: DType.Float32);
        var loss = net.Call(Nets.Random([2, 3], 2, dtype: DType.Float32)).Sum();
        var error = Assert.Throws<ReversalException>(() => loss.Backward())!;
        Assert.That(error.Depth, Is.EqualTo(40));
        Assert.That(error.Tolerance, Is.EqualTo(1e-3));
        Assert.That(error.Drift, Is.EqualTo(net.LastDrift).And.Not.LessThanOrEqualTo(1e-3));
        Assert.That(
            error.Message,
            Does.Contain("40 layers").And.Contain("gamma = 0.3").And.Contain("MemoryMode.Store")
                .And.Contain("DriftTolerance"));
        Assert.That(net.Parameters().Any(p => p.Gradient != null), Is.False, "no gradient is better than a wrong one");
    }

    [Test]
    public void Drift_is_not_watched_with_an_infinite_tolerance()
    {
        using var scope = TensorScope.Begin();
        var net = Nets.Deep(40, 0.3, MemoryMode.Recompute, dtype: DType.Float32);
        net.DriftTolerance = double.PositiveInfinity;
        Assert.That(() => net.Call(Nets.Random([2, 3], 2, dtype: DType.Float32)).Sum().Backward(), Throws.Nothing);
        Assert.That(net.LastDrift, Is.Null);
        Assert.That(() => net.DriftTolerance = -1, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => net.DriftTolerance = double.NaN, Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Values_that_are_not_numbers_are_reported_as_such()
    {
        using var scope = TensorScope.Begin();
        var net = Nets.Deep(2, 0.9, MemoryMode.Recompute);
        var loss = net.Call(Tensor.Full([2, 3], double.NaN, DType.Float64)).Sum();
        Assert.That(() => loss.Backward(), Throws.TypeOf<ReversalException>().With.Message.Contains("not numbers"));
    }

    [TestCase(1)]
    [TestCase(3)]
    public void A_layer_that_is_not_deterministic_is_caught_by_the_drift_watch(int depth)
    {
        using var scope = TensorScope.Begin();
        var random = new Random(1);
        var net = MomentumNet.Repeat(new Lambda(x => x * random.NextDouble()), depth, 0.9, MemoryMode.Recompute);
        var loss = net.Call(Nets.Random([2, 3], 2, requiresGradient: true)).Sum();
        Assert.That(
            () => loss.Backward(),
            Throws.TypeOf<ReversalException>().With.Message.Contains("does not give the same output"));
    }
}
