using MomentumCore.Kernels.Devices.OpenCl;
using MomentumCore.Kernels.Library;
using MomentumCore.Layers;
using MomentumCore.Reversible;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Reversible;

/// <summary>Recompute gives no wrong gradient in silence where the state alone does not show it.</summary>
[TestFixture]
internal sealed class OutputWatchTests
{
    private static IEnumerable<Device> Devices() => [Device.Cpu, .. Device.All.OfType<OpenClDevice>().Where(d => d.ComputesDouble)];

    // γ = 0.5 at depth 25 doubles rounding errors 25 times; rows of 1e5 saturate and drift no further.
    [Test]
    public void A_large_row_does_not_hide_the_drift_of_others(
        [Values(0.5, 0.6)] double gamma, [Values] bool verify, [ValueSource(nameof(Devices))] Device device)
    {
        using var scope = TensorScope.Begin();
        var net = Nets.Deep(gamma > 0.5 ? 35 : 25, gamma, MemoryMode.Recompute, width: 5, hidden: 4, dtype: DType.Float32);
        net.To(device);
        net.Verify = verify;
        var x = Mixed([8, 5], device);
        var loss = net.Call(x).Slice(0, 1, 7).Square().Sum();
        Assert.That(
            () => Wait(loss, device),
            Throws.TypeOf<ReversalException>().With.Message.Match("missed sample [1-7] by")
                .And.Message.Contains("MemoryMode.Exact"));
        if (device == Device.Cpu)
            Assert.That(x.Gradient, Is.Null);
    }

    [Test]
    public void A_large_position_of_a_sequence_does_not_hide_the_drift_of_others()
    {
        using var scope = TensorScope.Begin();
        var net = Nets.Deep(25, 0.5, MemoryMode.Recompute, width: 5, hidden: 4, dtype: DType.Float32);
        var loss = net.Call(Mixed([8, 5], Device.Cpu).Reshape(2, 4, 5)).Square().Sum();
        Assert.That(
            () => loss.Backward(),
            Throws.TypeOf<ReversalException>().With.Message.Match(@"missed row \[[01], [0-3]\] by"));
    }

    // Nothing but the outputs of the layers shows it: in each row, or in the only row, the largest number hardly moves.
    [TestCase(8, 5)]
    [TestCase(1, 200)]
    [TestCase(0, 200)]
    public void Large_features_do_not_hide_the_drift_of_small_ones_that_the_layers_feel(int rows, int columns)
    {
        using var scope = TensorScope.Begin();
        var x = Nets.Random([Math.Max(1, rows), columns], 2, dtype: DType.Float32);
        x.Slice(1, 0, 1).Fill(1e5);
        if (rows == 0)
            x = x.Reshape(-1);
        x.RequiresGradient = true;
        var net = MomentumNet.Repeat(new Lambda(a => a.Sin() * 0.5), 22, 0.5, MemoryMode.Recompute);
        var loss = net.Call(x).Square().Sum();
        Assert.That(
            () => loss.Backward(),
            Throws.TypeOf<ReversalException>().With.Message.Contains("small features drifted").And.Property("Drift").LessThan(1e-3));
        Assert.That(x.Gradient, Is.Null);
    }

    [Test]
    public void Foreign_random_numbers_are_caught_although_f_hardly_moves_x(
        [Values(1, 4)] int depth,
        [Values(0.9, 0.999, 0.9999, 0.9999999)] double gamma,
        [Values(DType.Float32, DType.Float64)] DType dtype,
        [ValueSource(nameof(Devices))] Device device)
    {
        using var scope = TensorScope.Begin();
        var random = new Random(1);
        var net = MomentumNet.Repeat(Dropping(random), depth, gamma, MemoryMode.Recompute);
        var x = Nets.Random([4, 50], 2, requiresGradient: true, dtype, device);
        var loss = net.Call(x).Sum();
        Assert.That(
            () => Wait(loss, device),
            Throws.TypeOf<ReversalException>().With.Message.Contains("gave another output in backward").And.Message.Contains("from a RandomSource"));
        if (device == Device.Cpu)
            Assert.That(x.Gradient, Is.Null);
    }

    [Test]
    public void The_one_layer_that_is_not_deterministic_is_named_wherever_it_stands(
        [Values(0, 1, 5)] int layer, [Values(0.999, 0.999999)] double gamma, [Values] bool isResidual)
    {
        using var scope = TensorScope.Begin();
        var random = new Random(1);
        var layers = Enumerable.Range(0, 6).Select(_ => new Lambda(x => x.Sin())).ToArray();
        layers[layer] = Dropping(random);
        var net = new MomentumNet(layers, gamma, MemoryMode.Recompute, isResidual: isResidual);
        var loss = net.Call(Nets.Random([4, 50], 2, requiresGradient: true)).Sum();
        Assert.That(
            () => loss.Backward(),
            Throws.TypeOf<ReversalException>().With.Property("Layer").EqualTo(layer)
                .And.Message.Contains($"layer {layer} (Lambda) gave another output in backward"));
    }

    // One of 300 rows, one of the small ones.
    [TestCase(2)]
    [TestCase(50)]
    [TestCase(2000)]
    public void A_change_of_one_small_row_among_large_ones_is_caught(int width)
    {
        using var scope = TensorScope.Begin();
        var x = Nets.Random([300, width], 3, dtype: DType.Float32);
        x.Slice(0, 0, 200).CopyFrom(x.Slice(0, 0, 200) * 1e4);
        x.RequiresGradient = true;
        var factor = Tensor.Ones([300, width]);
        var net = MomentumNet.Repeat(new Lambda(a => a * factor), 3, 0.9999, MemoryMode.Recompute);
        var loss = net.Call(x).Sum();
        factor.Select(0, 250).Fill(3);
        Assert.That(() => loss.Backward(), Throws.TypeOf<ReversalException>().With.Message.Contains("gave another output"));
    }

    // 128 of each 512 elements are looked at, unless all are.
    [Test]
    public void Verify_looks_at_every_element([Values(0, 333, 511, 512, 1299)] int place)
    {
        using var scope = TensorScope.Begin();
        var factor = Tensor.Ones([1, 1300]);
        var net = MomentumNet.Repeat(new Lambda(x => x.Sin() + factor), 3, 0.9999, MemoryMode.Recompute);
        net.Verify = true;
        var loss = net.Call(Nets.Random([1, 1300], 2, requiresGradient: true, DType.Float32)).Sum();
        factor.Select(1, place).Fill(7);
        Assert.That(() => loss.Backward(), Throws.TypeOf<ReversalException>().With.Message.Contains("gave another output"));
    }

    [Test]
    public void A_captured_tensor_that_changes_is_caught([Values(1.01, 1.5, 0)] double to)
    {
        using var scope = TensorScope.Begin();
        var factor = Tensor.Full([3], 1, DType.Float64);
        var net = MomentumNet.Repeat(new Lambda(x => x.Sin() * factor), 3, 0.9999, MemoryMode.Recompute);
        var loss = net.Call(Nets.Random([2, 3], 2, requiresGradient: true)).Sum();
        factor.Fill(to);
        Assert.That(() => loss.Backward(), Throws.TypeOf<ReversalException>().With.Property("Layer").EqualTo(2));
    }

    [Test]
    public void Checkpoints_and_learned_gammas_and_a_learned_velocity_do_not_lose_it(
        [Values(0, 2)] int every, [Values] bool velocity, [Values] bool learned)
    {
        using var scope = TensorScope.Begin();
        var random = new Random(1);
        Module[] layers = [Nets.Mlp(50, 5, 1), Nets.Mlp(50, 5, 2), Dropping(random), Nets.Mlp(50, 5, 3), Nets.Mlp(50, 5, 4)];
        var first = velocity ? Nets.Mlp(50, 5, 9) : null;
        var net = learned
            ? MomentumNet.WithLearnedGamma(layers, [0.9999], MemoryMode.Recompute, first)
            : new MomentumNet(layers, [0.99, 0.999, 0.9999, 0.999, 0.99], MemoryMode.Recompute, first);
        net.To(DType.Float64);
        net.CheckpointEvery = every;
        var loss = net.Call(Nets.Random([4, 50], 2, requiresGradient: true)).Sum();
        Assert.That(() => loss.Backward(), Throws.TypeOf<ReversalException>().With.Property("Layer").EqualTo(2));
    }

    [Test]
    public void A_net_inside_a_net_names_its_own_layer()
    {
        using var scope = TensorScope.Begin();
        var random = new Random(1);
        var inner = new MomentumNet([Nets.Mlp(50, 5, 1), Dropping(random)], 0.9999, MemoryMode.Recompute);
        var outer = MomentumNet.Repeat(inner, 2, 0.9999, MemoryMode.Recompute);
        var loss = outer.Call(Nets.Random([4, 50], 2, requiresGradient: true)).Sum();
        Assert.That(() => loss.Backward(), Throws.TypeOf<ReversalException>().With.Property("Layer").EqualTo(1));
    }

    [Test]
    public void What_is_noted_serves_every_backward_of_a_kept_graph_and_is_freed_with_it(
        [ValueSource(nameof(Devices))] Device device)
    {
        using var scope = TensorScope.Begin();
        var factor = Tensor.Full([3], 1, DType.Float64, device);
        var net = MomentumNet.Repeat(new Lambda(x => x.Sin() * factor), 3, 0.9999, MemoryMode.Recompute);
        net.Verify = true;
        var x = Nets.Random([2, 3], 2, requiresGradient: true, device: device);
        long before = device.Memory.LiveBytes;
        for (int step = 0; step < 3; step++)
        {
            using var inner = TensorScope.Begin();
            var loss = net.Call(x).Sum();
            loss.Backward(retainGraph: true);
            device.Synchronize();
            double[] once = x.Gradient!.Values();
            loss.Backward(retainGraph: true);
            device.Synchronize();
            TestTensors.AssertClose(x.Gradient!.Values(), [.. once.Select(g => 2 * g)], 1e-12, 1e-12, "twice");
            factor.Fill(1.5);
            Assert.That(() => Wait(loss, device), Throws.TypeOf<ReversalException>());
            factor.Fill(1);
            x.ZeroGradient();
        }

        device.Synchronize();
        Assert.That(device.Memory.LiveBytes, Is.EqualTo(before));
    }

    [Test]
    public void Nothing_is_watched_with_an_infinite_tolerance_and_nothing_that_is_empty_is_refused()
    {
        using var scope = TensorScope.Begin();
        var random = new Random(1);
        var net = MomentumNet.Repeat(Dropping(random), 2, 0.9999, MemoryMode.Recompute);
        net.DriftTolerance = double.PositiveInfinity;
        Assert.That(() => net.Call(Nets.Random([4, 50], 2, requiresGradient: true)).Sum().Backward(), Throws.Nothing);
        net.DriftTolerance = 0;
        var none = Nets.Random([0, 50], 2, requiresGradient: true);
        Assert.That(() => net.Call(none).Sum().Backward(), Throws.Nothing);
        Assert.That(net.LastDrift, Is.Zero);
    }

    [Test]
    public void A_layer_that_gives_nothing_but_zeros_is_no_change_and_one_that_begins_to_give_something_is()
    {
        using var scope = TensorScope.Begin();
        var factor = Tensor.Zeros([5], DType.Float64);
        var net = MomentumNet.Repeat(new Lambda(x => x * factor), 3, 0.9999, MemoryMode.Recompute);
        var x = Nets.Random([4, 5], 2, requiresGradient: true);
        Assert.That(() => net.Call(x).Sum().Backward(), Throws.Nothing);
        var loss = net.Call(x).Sum();
        factor.Fill(1e-9);
        Assert.That(() => loss.Backward(), Throws.TypeOf<ReversalException>());
    }

    [Test]
    public void Every_run_finds_a_layer_that_changes_all_rows_some_find_one_of_one_row_and_all_do_with_Verify_or_near_a_limit(
        [Values("all rows", "one row", "Verify", "near")] string why)
    {
        const int Rows = 400;
        using var scope = TensorScope.Begin();
        var caught = new List<int>();
        int unseen = Enumerable.Range(0, Rows).First(row => !Enumerable.Range(2, 16)
            .Any(turn => Enumerable.Range(0, 16).Any(number => RowSketch.RowAt(number, Rows, 16, turn) == row)));
        for (int flaky = 0; flaky < 18; flaky++)
        {
            var factor = Tensor.Ones([Rows, 80], DType.Float64);
            var changed = why == "all rows" ? factor : factor.Slice(0, unseen, unseen + 1);
            var net = MomentumNet.Repeat(new Lambda(x => x * factor), 3, 0.9999, MemoryMode.Recompute);
            net.Verify = why == "Verify";
            var x = Nets.Random([Rows, 80], 2, requiresGradient: true);
            for (int run = 0; run <= flaky; run++)
            {
                using (NoGrad.Begin())
                    net.Call(x).Dispose();
                var loss = net.Call(x).Sum();
                if (run == flaky)
                    changed.Fill(why == "near" ? 1 + 1e-12 : 3);
                try
                {
                    loss.Backward();
                    if (run == 0 && why == "near")
                        net.DriftTolerance = 2 * Math.Max(net.LastDrift!.Value, net.LastOutputShares!.Max());
                }
                catch (ReversalException)
                {
                    Assert.That(run, Is.EqualTo(flaky), "not before");
                    caught.Add(run);
                }
            }
        }

        int[] turns = [0, 1, 8, 16];
        Assert.That(caught, Is.EqualTo(why switch
        {
            "one row" => turns,
            // The first run comes before the tolerance.
            "near" => [.. Enumerable.Range(1, 17)],
            _ => Enumerable.Range(0, 18),
        }));
    }

    [Test]
    public void Once_a_layer_was_found_out_every_run_looks_until_it_is_as_it_should_be()
    {
        using var scope = TensorScope.Begin();
        var factor = Tensor.Full([5], 1, DType.Float64);
        var net = MomentumNet.Repeat(new Lambda(x => x * factor), 3, 0.9999, MemoryMode.Recompute);
        var x = Nets.Random([4, 5], 2, requiresGradient: true);
        for (int run = 0; run < 7; run++)
        {
            var loss = net.Call(x).Sum();
            if (run < 5)
                factor.Fill(run + 2);
            Assert.That(() => loss.Backward(), run < 5 ? Throws.TypeOf<ReversalException>() : Throws.Nothing, $"run {run}");
        }
    }

    /// <summary>Row 0 is 1e5, the others near 1.</summary>
    private static Tensor Mixed(Shape shape, Device device)
    {
        var x = Nets.Random(shape, 2, dtype: DType.Float32, device: device).Clone();
        x.Slice(0, 0, 1).Fill(1e5);
        x.RequiresGradient = true;
        return x;
    }

    /// <summary>A device with a queue throws when the host waits.</summary>
    private static void Wait(Tensor loss, Device device)
    {
        loss.Backward();
        device.Synchronize();
    }

    /// <summary>Half of the elements, of random numbers that nothing plays back.</summary>
    private static Lambda Dropping(Random random) => new(x =>
    {
        double[] mask = [.. Enumerable.Range(0, x.Count).Select(_ => random.Next(2) * 2.0)];
        return x * TestTensors.Make(mask, x.Shape, x.DType, x.Device);
    });
}
