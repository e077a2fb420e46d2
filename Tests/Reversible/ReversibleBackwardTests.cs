using MomentumCore.Layers;
using MomentumCore.Reversible;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Reversible;

/// <summary>The ways in which backward is used: again, in parts, elsewhere, with hooks; always as in Store.</summary>
[TestFixture(MemoryMode.Recompute)]
[TestFixture(MemoryMode.Exact)]
internal sealed class ReversibleBackwardTests(MemoryMode reversible)
{
    [Test]
    public void Backward_twice_with_retainGraph_adds_the_same_gradient_twice()
    {
        using var scope = TensorScope.Begin();
        var net = Net(Nets.Deep(5, 0.8, reversible, velocity: true));
        var x = Nets.Random([4, 3], 1, requiresGradient: true);
        var y = net.Call(x);
        double[] output = y.Values();
        var loss = (y * y).Sum();
        loss.Backward(retainGraph: true);
        double[] once = x.Gradient!.Values();
        loss.Backward();
        Assert.That(x.Gradient!.Values(), Is.EqualTo(once.Select(g => g + g)));
        Assert.That(y.Values(), Is.EqualTo(output), "the output that the caller holds is not overwritten");
        Assert.That(
            () => loss.Backward(), Throws.TypeOf<GradientException>().With.Message.Contains("retainGraph: true"));
    }

    [Test]
    public void Gradients_add_up_over_micro_batches()
    {
        double[]?[] Gradients(MemoryMode mode)
        {
            var net = Net(Nets.Deep(4, 0.9, mode));
            for (int batch = 0; batch < 3; batch++)
            {
                using var scope = TensorScope.Begin();
                var y = net.Call(Nets.Random([4, 3], batch));
                (y * y).Sum().Backward();
            }

            return [.. net.Parameters().Select(p => p.Gradient!.Values())];
        }

        Nets.AssertSame(Gradients(reversible), Gradients(MemoryMode.Store), Within(1e-12));
    }

    [Test]
    public void Networks_may_be_layers_of_networks([Values] bool isResidual)
    {
        MomentumNet Make(MemoryMode mode) => Net(new MomentumNet(
            [Net(Nets.Deep(3, 0.9, mode, seed: 10)), Nets.Mlp(3, 4, 2), Net(Nets.Deep(2, 0.7, mode, seed: 20, velocity: true))],
            0.8,
            mode,
            Net(Nets.Deep(2, 0.9, mode, seed: 30)),
            isResidual));
        var x = Nets.Random([4, 3], 1, requiresGradient: true);
        Nets.AssertSame(Nets.Run(Make(reversible), x), Nets.Run(Make(MemoryMode.Store), x), Within(1e-11));
    }

    [Test]
    public void One_module_may_be_layer_velocity_and_part_of_other_layers()
    {
        var shared = Nets.Mlp(3, 4, 1);
        var net = Net(
            new MomentumNet([shared, new Sequential(shared, new Tanh()), shared], 0.9, MemoryMode.Store, shared));
        var x = Nets.Random([4, 3], 1, requiresGradient: true);
        var expected = Nets.Run(net, x);
        net.Memory = reversible;
        Nets.AssertSame(Nets.Run(net, x), expected, Within(1e-12));
    }

    [Test]
    public void Backward_may_run_on_another_thread()
    {
        var net = Net(Nets.Deep(4, 0.9, reversible));
        var x = Nets.Random([4, 3], 1, requiresGradient: true);
        var expected = Nets.Run(net, x).Gradients;
        x.ZeroGradient();
        net.ZeroGradient();
        var y = net.Call(x);
        var loss = ((y * y) + (y * y * y)).Sum();
        var thread = new Thread(() => loss.Backward());
        thread.Start();
        thread.Join();
        Nets.AssertSame([x.Gradient!.Values(), .. net.Parameters().Select(p => p.Gradient!.Values())], expected, 0);
    }

    [Test]
    public void Networks_in_several_threads_do_not_disturb_each_other()
    {
        var expected = Enumerable.Range(0, 4).Select(One).ToArray();
        var actual = new double[4][];
        Parallel.For(0, 4, i => actual[i] = One(i));
        Assert.That(actual, Is.EqualTo(expected));

        double[] One(int seed)
        {
            using var use = RandomSource.Use(new RandomSource((ulong)seed));
            var net = Net(
                MomentumNet.Repeat(new Sequential(Nets.Mlp(3, 4, seed), new DroppedTanh()), 5, 0.9, reversible));
            return Nets.Run(net, Nets.Random([4, 3], seed, requiresGradient: true)).Gradients[0]!;
        }
    }

    [Test]
    public void The_same_tensor_may_be_input_and_extra_input()
    {
        var net = Net(new MomentumNet([new SumOfLinears([3, 3]), new SumOfLinears([3, 3])], 0.9));
        double[] Gradient(MemoryMode mode)
        {
            using var scope = TensorScope.Begin();
            net.Memory = mode;
            var x = Nets.Random([4, 3], 1, requiresGradient: true);
            net.Call(x, x).Sum().Backward();
            return x.Gradient!.Values();
        }

        TestTensors.AssertClose(
            Gradient(reversible), Gradient(MemoryMode.Store), Within(1e-13), Within(1e-13), "gradient");
    }

    [Test]
    public void A_registered_parameter_may_be_an_extra_input_too([Values] bool ofAnotherLayer)
    {
        var layers = new[] { new SumOfLinears([3, 3]), new SumOfLinears([3, 3]) };
        var net = Net(new MomentumNet(layers, 0.8));
        var both = net.GetParameter(ofAnotherLayer ? "network.1.layer2.weight" : "network.0.layer1.weight");
        double[]?[] Gradients(MemoryMode mode)
        {
            using var scope = TensorScope.Begin();
            net.Memory = mode;
            net.ZeroGradient();
            var x = Nets.Random([3, 3], 1, requiresGradient: true);
            net.Call(x, both).Square().Sum().Backward();
            return [x.Gradient!.Values(), .. net.Parameters().Select(p => p.Gradient!.Values())];
        }

        Nets.AssertSame(Gradients(reversible), Gradients(MemoryMode.Store), Within(1e-12));
    }

    [Test]
    public void Extra_inputs_are_dropped_in_neither_direction()
    {
        var net = Net(new MomentumNet([.. Enumerable.Range(0, 3).Select(_ => new SumOfLinears([3, 2, 4]))], 0.9));
        var x = Nets.Random([10, 3], 2, requiresGradient: true);
        var memory = Nets.Random([10, 2], 3, requiresGradient: true);
        var third = Nets.Random([10, 4], 4);
        var expected = Nets.Run(net, x, memory, third);
        Assert.That(Nets.Run(net, x, memory).Output, Is.Not.EqualTo(expected.Output), "they count");
        net.Memory = reversible;
        var actual = Nets.Run(net, x, memory, third);
        Nets.AssertSame(actual, expected, Within(1e-12));
        Assert.That(actual.Gradients[1], Is.Not.Null.And.Some.Not.Zero);
        Assert.That(actual.Gradients[2], Is.Null);
    }

    [Test]
    public void Two_trainings_of_the_same_seed_end_with_the_same_bits()
    {
        double[] Train(ulong seed)
        {
            using var random = RandomSource.Use(new RandomSource(seed));
            var net = Net(MomentumNet.Repeat(
                new Sequential(new Linear(5, 7), new Tanh(), new Dropout(0.3), new Linear(7, 5)), 12, 0.7, reversible));
            using var optimizer = new Sgd(net.Parameters(), 0.01);
            for (int step = 0; step < 4; step++)
            {
                using var scope = TensorScope.Begin();
                optimizer.ZeroGradient();
                net.Call(Tensor.Randn([9, 5])).Square().Mean().Backward();
                optimizer.Step();
            }

            return [.. net.Parameters().SelectMany(p => p.Values())];
        }

        double[] first = Train(5);
        Assert.That(Train(5), Is.EqualTo(first));
        Assert.That(Train(6), Is.Not.EqualTo(first));
    }

    [Test]
    public void A_layer_whose_derivative_is_shared_with_a_parameter_or_a_view_is_not_overwritten(
        [Values] bool isResidual)
    {
        // x + p: one gradient for both. x: the gradient that came. A transposed view: that gradient with other strides.
        // Each is what the step's adjoint is written over next, unless it is copied first.
        Module[] Layers() =>
        [
            new Shift(Nets.Random([3, 3], 5)), new Lambda(x => x), Nets.Mlp(3, 4, 1),
            new Lambda(x => x.Transpose(0, 1)),
            new Shift(Nets.Random([3, 3], 6)), new Shift(Nets.Random([3, 3], 7)),
        ];
        var x = Nets.Random([3, 3], 1, requiresGradient: true);
        var stored = Nets.Run(Net(new MomentumNet(Layers(), 0.8, MemoryMode.Store, Nets.Mlp(3, 4, 2), isResidual)), x);
        var recomputed = Nets.Run(Net(new MomentumNet(Layers(), 0.8, reversible, Nets.Mlp(3, 4, 2), isResidual)), x);
        Nets.AssertSame(recomputed, stored, 1e-12);
        Assert.That(
            stored.Gradients[1]!.Length, Is.EqualTo(9), "the shift of the first layer has a gradient of its own");
    }

    [Test]
    public void An_input_with_gaps_gives_the_gradient_of_one_without()
    {
        double[] values = Nets.Random([4, 3], 1).Values();
        var net = Net(Nets.Deep(3, 0.9, reversible));
        double[] Gradient(Tensor x)
        {
            x.RequiresGradient = true;
            return Nets.Run(net, x).Gradients[0]!;
        }

        Assert.That(
            Gradient(TestTensors.MakeNonContiguous(values, [4, 3], DType.Float64)),
            Is.EqualTo(Gradient(TestTensors.Make(values, [4, 3], DType.Float64))));
    }

    [Test]
    public void Frozen_layers_pass_gradients_on_and_get_none()
    {
        var net = Net(Nets.Deep(4, 0.9, MemoryMode.Store, velocity: true));
        net.Functions[0].RequiresGradient(false);
        net.Functions[2].RequiresGradient(false);
        foreach (bool ofInput in new[] { true, false })
        {
            var x = Nets.Random([4, 3], 1, requiresGradient: ofInput);
            net.Memory = MemoryMode.Store;
            var expected = Nets.Run(net, x);
            net.Memory = reversible;
            Nets.AssertSame(Nets.Run(net, x), expected, Within(1e-12));
            Assert.That(expected.Gradients.Count(g => g == null), Is.EqualTo(ofInput ? 8 : 9));
        }
    }

    [Test]
    public void Hooks_on_parameters_run_once_on_the_whole_gradient([Values] MemoryMode mode)
    {
        using var scope = TensorScope.Begin();
        var f = Nets.Mlp(3, 4, 1);
        var net = Net(MomentumNet.Repeat(f, 5, 0.9, mode));
        var x = Nets.Random([4, 3], 1, requiresGradient: true);
        var plain = Nets.Run(net, x).Gradients[1]!;
        int runs = 0;
        using var hook = net.Parameters().First().RegisterHook(g =>
        {
            runs++;
            return g * 10.0;
        });
        TestTensors.AssertClose(Nets.Run(net, x).Gradients[1]!, [.. plain.Select(g => g * 10)], 1e-14, 0, "hooked");
        Assert.That(runs, Is.EqualTo(1));
    }

    [Test]
    public void Backward_hooks_on_layers_see_the_gradients_of_Store()
    {
        List<double[]> Seen(MemoryMode mode)
        {
            var seen = new List<double[]>();
            var net = Net(Nets.Deep(3, 0.9, mode));
            foreach (var f in net.Functions)
            {
                f.RegisterFullBackwardHook((_, inputs, output) =>
                {
                    seen.Add([.. inputs[0]!.Values(), .. output.Values()]);
                    return null;
                });
            }

            Nets.Run(net, Nets.Random([4, 3], 1, requiresGradient: true));
            return seen;
        }

        var recomputed = Seen(reversible);
        var stored = Seen(MemoryMode.Store);
        Assert.That(recomputed, Has.Count.EqualTo(3).And.Count.EqualTo(stored.Count));
        for (int i = 0; i < stored.Count; i++)
            TestTensors.AssertClose(recomputed[i], stored[i], Within(1e-12), Within(1e-12), $"hook {i}");
    }

    [Test]
    public void Backward_hooks_that_change_between_forward_and_backward_are_refused([Values] bool added)
    {
        using var scope = TensorScope.Begin();
        var net = Net(Nets.Deep(3, 0.9, reversible));
        var inner = net.Functions[1].Modules().Last();
        var x = Nets.Random([4, 3], 1, requiresGradient: true);
        var hook = added ? null : inner.RegisterFullBackwardHook((_, _, _) => null);
        var loss = net.Call(x).Sum();
        hook?.Dispose();
        if (added)
            hook = inner.RegisterFullBackwardHook((_, _, _) => null);
        Assert.That(
            () => loss.Backward(),
            Throws.TypeOf<GradientException>().With.Message.Contains("full backward hooks of a " + inner.Name)
                .And.Message.Contains("before forward"));
        Assert.That(x.Gradient, Is.Null);
        hook?.Dispose();

        // One that comes and goes leaves nothing.
        loss = net.Call(x).Sum();
        inner.RegisterFullBackwardHook((_, _, _) => null).Dispose();
        Assert.That(() => loss.Backward(), Throws.Nothing);
    }

    [Test]
    public void Gradients_Of_reaches_single_parameters_and_the_input()
    {
        using var scope = TensorScope.Begin();
        var net = Net(Nets.Deep(4, 0.9, MemoryMode.Store));
        var x = Nets.Random([4, 3], 1, requiresGradient: true);
        Tensor[] wanted = [x, net.GetParameter("network.2.0.weight")];
        double[][] Of(MemoryMode mode)
        {
            net.Memory = mode;
            return [.. Gradients.Of(net.Call(x).Tanh().Sum(), wanted).Select(g => g.Values())];
        }

        Nets.AssertSame(Of(reversible), Of(MemoryMode.Store), Within(1e-12));
        Assert.That(x.Gradient, Is.Null);
    }

    [Test]
    public void The_first_and_only_layer_gives_the_very_bits_of_Store([Values] bool isResidual)
    {
        var net = Net(
            Nets.Deep(1, 0.9, MemoryMode.Store, dtype: DType.Float32, isResidual: isResidual, velocity: true));
        var x = Nets.Random([4, 3], 1, requiresGradient: true, DType.Float32);
        var expected = Nets.Run(net, x);
        net.Memory = reversible;
        Nets.AssertSame(Nets.Run(net, x), expected, 0);
    }

    [Test]
    public void Inside_a_worker_it_gives_the_same_bits()
    {
        double[] Gradients()
        {
            var net = Net(Nets.Deep(4, 0.9, reversible, dtype: DType.Float32));
            var (output, gradients) = Nets.Run(net, Nets.Random([50, 3], 1, requiresGradient: true, DType.Float32));
            return [.. output, .. gradients.SelectMany(g => g!)];
        }

        double[] outside = Gradients();
        var inside = new double[3][];
        Device.Cpu.RunTiles(3, tile => inside[tile] = Gradients());
        Assert.That(inside, Is.All.EqualTo(outside));
    }

    private MomentumNet Net(MomentumNet net)
    {
        net.Grid = reversible == MemoryMode.Exact ? ExactGrid.Default : null;
        return net;
    }

    /// <summary>Exact is compared with Store on the same grid, to the bit.</summary>
    private double Within(double tolerance) => reversible == MemoryMode.Exact ? 0 : tolerance;
}
