using MomentumCore.Layers;
using MomentumCore.Reversible;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Reversible;

/// <summary>The bound that Recompute has for each layer holds, and is not far from what it bounds.</summary>
[TestFixture]
internal sealed class DriftBoundTests
{
    [TestCase(0.3, 1)]
    [TestCase(0.3, 12)]
    [TestCase(0.5, 8)]
    [TestCase(0.5, 24)]
    [TestCase(0.9, 7)]
    [TestCase(0.9, 64)]
    [TestCase(0.99, 53)]
    [TestCase(0.99, 200)]
    public void Every_layer_is_evaluated_as_near_to_forward_as_the_bound_says(double gamma, int depth)
    {
        foreach (var dtype in new[] { DType.Float32, DType.Float64 })
        {
            foreach (bool isTrained in new[] { false, true })
            {
                using var scope = TensorScope.Begin();
                var net = Nets.Deep(depth, gamma, MemoryMode.Store, width: 16, hidden: 16, seed: depth, dtype: dtype);
                if (isTrained)
                    Train(net, dtype);
                var x = Nets.Random([24, 16], 3, requiresGradient: true, dtype);
                var stored = Inputs(net, x);
                net.Memory = MemoryMode.Recompute;
                net.DriftTolerance = double.PositiveInfinity;
                net.Verify = true;
                var seen = Inputs(net, x);
                Assert.That(seen.Take(depth), Is.EqualTo(stored), "forward is that of Store");
                double[] real =
                    [.. Enumerable.Range(0, depth).Select(t => Distance(seen[^(t + 1)], stored[t]))];
                Assert.That(net.LastDriftBounds, Has.Count.EqualTo(depth));
                Assert.That(net.LastDriftBound, Is.EqualTo(net.LastDriftBounds!.Max()));
                for (int t = 0; t < depth; t++)
                    Assert.That(net.LastDriftBounds![t], Is.GreaterThanOrEqualTo(real[t]), $"layer {t}");
                double ratio = net.LastDriftBound!.Value / real.Max();
                TestContext.Out.WriteLine(
                    $"γ {gamma}, T {depth}, {dtype}, {(isTrained ? "trained" : "random")}: bound {net.LastDriftBound:G2}, " +
                    $"real {real.Max():G2}, ratio {ratio:G2}");
                // The sums' own rounding counts where doubles come back to within a few units in the last place.
                if (real.Max() > (dtype == DType.Float32 ? 1e-7 : 1e-12))
                    Assert.That(ratio, Is.LessThan(20), "not vacuous");
            }
        }
    }

    [Test]
    public void A_bound_above_the_tolerance_throws_and_names_the_layer()
    {
        using var scope = TensorScope.Begin();
        var net = Nets.Deep(40, 0.3, MemoryMode.Recompute, dtype: DType.Float32);
        net.Verify = true;
        var loss = net.Call(Nets.Random([2, 3], 2, dtype: DType.Float32)).Sum();
        var error = Assert.Throws<ReversalException>(() => loss.Backward())!;
        Assert.That(error.Layer, Is.InRange(1, 38));
        Assert.That(error.Message, Does.Contain($"the input of layer {error.Layer} by up to"));
        Assert.That(net.LastDriftBounds!.Skip(error.Layer!.Value + 1), Is.All.LessThanOrEqualTo(1e-3));
    }

    [Test]
    public void With_checkpoints_the_bounds_fall_at_each_of_them()
    {
        var net = Nets.Deep(40, 0.5, MemoryMode.Store, dtype: DType.Float32);
        var x = Nets.Random([4, 3], 1, requiresGradient: true, DType.Float32);
        var stored = Nets.Run(net, x);
        net.Memory = MemoryMode.Recompute;
        net.Verify = true;
        net.CheckpointEvery = 8;
        net.DriftTolerance = 0.01;
        Nets.AssertSame(Nets.Run(net, x), stored, 2e-2);
        foreach (int kept in new[] { 8, 16, 24, 32 })
            Assert.That(net.LastDriftBounds![kept], Is.LessThan(1e-12), "taken from what was kept");
        Assert.That(net.LastDriftBounds![9], Is.GreaterThan(1e-5), "just before the next one");
    }

    [Test]
    public void Bounds_are_only_there_when_asked_for_and_leave_no_memory_behind()
    {
        var device = new CpuDevice(1);
        var net = new MomentumNet([.. Enumerable.Range(0, 5).Select(i => Nets.Mlp(6, 6, i, DType.Float32, device))], 0.9, MemoryMode.Recompute);
        using var x = Nets.Random([4, 6], 1, requiresGradient: true, DType.Float32, device);
        Nets.Run(net, x);
        Assert.That(net.LastDriftBounds, Is.Null);
        Assert.That(net.LastDriftBound, Is.Null);
        long before = device.Memory.LiveBytes;
        net.Verify = true;
        Nets.Run(net, x);
        Assert.That(net.LastDriftBound, Is.GreaterThan(0).And.LessThan(1e-4));
        using (TensorScope.Begin())
            _ = net.Call(x);
        Assert.That(device.Memory.LiveBytes, Is.EqualTo(before));
    }

    [Test]
    public void No_difference_is_missed_wherever_it_lies([Values(DType.Float32, DType.Float64)] DType dtype)
    {
        using var scope = TensorScope.Begin();
        const int count = 10_000;
        var random = new Random(7);
        var x = Nets.Random([count], 1, dtype: dtype);
        using var sketch = DriftSketch.Of(x);
        double[] values = x.Values();
        double norm = Math.Sqrt(values.Sum(v => v * v));
        Assert.That(sketch.Norm, Is.EqualTo(norm).Within(1e-12).Percent);
        double most = 0;
        for (int trial = 0; trial < 300; trial++)
        {
            // From a single element, over two that cancel in the sum, to all of them.
            var other = x.Clone();
            int changed = trial % 3 == 0 ? 1 : trial % 3 == 1 ? 2 : count;
            double sign = 1e-3;
            for (int i = 0; i < changed; i++, sign = -sign)
            {
                int place = changed == count ? i : random.Next(count);
                other.Slice(0, place, place + 1).Fill(values[place] + sign);
                if (changed == count && i >= 200)
                    break;
            }

            double real = Distance(other.Values(), values);
            using var otherSketch = DriftSketch.Of(other);
            double bound = sketch.BoundTo(otherSketch);
            Assert.That(bound, Is.GreaterThanOrEqualTo(real));
            most = Math.Max(most, bound / real);
        }

        Assert.That(most, Is.LessThan(25));
        using var same = DriftSketch.Of(x.Clone());
        Assert.That(sketch.BoundTo(same), Is.LessThan(1e-11));
    }

    [Test]
    public void An_empty_input_has_no_drift()
    {
        using var scope = TensorScope.Begin();
        var net = Nets.Deep(3, 0.9, MemoryMode.Recompute);
        net.Verify = true;
        net.Call(Nets.Random([0, 3], 1, requiresGradient: true)).Sum().Backward();
        Assert.That(net.LastDriftBounds, Is.All.Zero);
    }

    private static double Distance(double[] a, double[] b) => Math.Sqrt(
        a.Zip(b, (x, y) => (x - y) * (x - y)).Sum() / b.Sum(y => y * y));

    /// <summary>What every layer is called with, forward and backward, in the order of the calls.</summary>
    private static List<double[]> Inputs(MomentumNet net, Tensor x)
    {
        var seen = new List<double[]>();
        var hooks = net.Functions.Select(f => f.RegisterForwardPreHook((_, inputs) =>
        {
            seen.Add(inputs[0].Values());
            return null;
        })).ToList();
        Nets.Run(net, x);
        foreach (var hook in hooks)
            hook.Dispose();
        return seen;
    }

    private static void Train(MomentumNet net, DType dtype)
    {
        using var optimizer = new Adam(net.Parameters(), 0.01);
        var x = Nets.Random([64, 16], 5, dtype: dtype);
        var target = x.Roll(1, 1).Sin();
        for (int step = 0; step < 20; step++)
        {
            using var scope = TensorScope.Begin();
            optimizer.ZeroGradient();
            net.Call(x).MseLoss(target).Backward();
            optimizer.Step();
        }
    }
}
