using MomentumCore.Layers;
using MomentumCore.Reversible;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Reversible;

/// <summary>What would make recomputed gradients silently wrong is either made right or refused.</summary>
[TestFixture(MemoryMode.Recompute)]
[TestFixture(MemoryMode.Exact)]
internal sealed class SafetyTests(MemoryMode reversible)
{
    private static readonly TestCaseData<Func<Module>>[] OddLayers =
    [
        new(() => new Lambda(x => x)) { TestName = "A layer that returns the input itself agrees with Store" },
        new(() => new Lambda(x => x.Transpose(0, 1))) { TestName = "A layer that returns the input transposed agrees with Store" },
        new(() => new Lambda(x => x.Slice(0, 0, 1).Expand(x.Shape))) { TestName = "A layer that returns a part of the input, repeated agrees with Store" },
        new(() => new Lambda(x => x + x)) { TestName = "A layer that returns the input twice agrees with Store" },
        new(() => new Lambda(x => x.ZerosLike())) { TestName = "A layer that returns a constant agrees with Store" },
        new(() => new Constant(3)) { TestName = "A layer that returns a parameter, repeated agrees with Store" },
        new(() => new Returned([3, 3])) { TestName = "A layer that returns a parameter as it is agrees with Store" },
        new(Captured) { TestName = "A layer that returns a captured constant agrees with Store" },
        new(() => new Lambda(x => x.Detach().Tanh())) { TestName = "A layer that returns a detached input agrees with Store" },
    ];

    [TestCaseSource(nameof(OddLayers))]
    public void Layers_that_return_views_or_constants_agree_with_Store(Func<Module> make)
    {
        var net = Net(new MomentumNet([Nets.Mlp(3, 4, 1), make(), make(), Nets.Mlp(3, 4, 2), make()], 0.8));
        foreach (bool isResidual in new[] { true, false })
        {
            var both = Net(
                new MomentumNet(
                    [.. net.Functions, make(), .. net.Functions], 0.8, MemoryMode.Store, isResidual: isResidual));
            var x = Nets.Random([3, 3], 5, requiresGradient: true);
            var expected = Nets.Run(both, x);
            both.Memory = reversible;
            Nets.AssertSame(Nets.Run(both, x), expected, Within(1e-11));
        }
    }

    [Test]
    public void Weights_changed_before_backward_are_named()
    {
        using var scope = TensorScope.Begin();
        var net = Net(Nets.Deep(3, 0.9, reversible));
        var loss = net.Call(Nets.Random([2, 3], 2)).Sum();
        using (NoGrad.Begin())
            net.GetParameter("network.1.2.bias").Fill(0.25);
        Assert.That(
            () => loss.Backward(),
            Throws.TypeOf<GradientException>()
                .With.Message.Contains("'network.1.2.bias' was changed between forward and backward"));
    }

    [Test]
    public void A_parameter_that_forward_itself_changes_is_named_with_the_true_cause()
    {
        using var scope = TensorScope.Begin();
        var net = Net(new MomentumNet([Nets.Mlp(3, 4, 1), new Clipped(3)], 0.9, reversible));
        var loss = net.Call(Nets.Random([2, 3], 2)).Sum();
        Assert.That(
            () => loss.Backward(),
            Throws.TypeOf<GradientException>()
                .With.Message.Contains("'network.1.scale' was changed by the layers' own forward")
                .And.Message.Contains("a changed copy"));
        net.Memory = MemoryMode.Store;
        Assert.That(() => net.Call(Nets.Random([2, 3], 2)).Sum().Backward(), Throws.Nothing);
    }

    [Test]
    public void A_parameter_frozen_before_backward_is_named()
    {
        using var scope = TensorScope.Begin();
        var net = Net(Nets.Deep(3, 0.9, reversible));
        var loss = net.Call(Nets.Random([2, 3], 2)).Sum();
        net.GetParameter("network.0.0.weight").RequiresGradient = false;
        Assert.That(
            () => loss.Backward(),
            Throws.TypeOf<GradientException>().With.Message.Contains("'network.0.0.weight' required a gradient"));
    }

    [Test]
    public void Overwriting_the_output_or_an_extra_input_before_backward_is_an_error([Values] bool output)
    {
        using var scope = TensorScope.Begin();
        var net = Net(new MomentumNet([new SumOfLinears([3, 2])], 0.9, reversible));
        var memory = Nets.Random([2, 2], 3);
        var y = net.Call(Nets.Random([2, 3], 2), memory);
        var loss = y.Sum();
        if (output)
            y.Detach().Fill(0);
        else
            memory.Fill(0);
        Assert.That(() => loss.Backward(), Throws.TypeOf<GradientException>().With.Message.Contains("overwritten"));
    }

    [Test]
    public void Dropout_masks_are_replayed_and_the_stream_goes_on_where_forward_left_it(
        [Values] bool ownSource, [Values] bool shared)
    {
        var x = Nets.Random([5, 4], 2, requiresGradient: true);
        var source = new RandomSource(7);
        var layers = Enumerable.Range(0, 4).Select(_ => new DroppedTanh(ownSource ? source : null)).ToArray();
        if (shared)
            Array.Fill(layers, layers[0]);
        var net = Net(new MomentumNet(layers, 0.9));

        (double[] Output, double[]?[] Gradients, RandomState State) Run(MemoryMode mode)
        {
            net.Memory = mode;
            source.State = new RandomState(7, 0);
            using var use = RandomSource.Use(source);
            var (output, gradients) = Nets.Run(net, x);
            return (output, gradients, source.State);
        }

        var stored = Run(MemoryMode.Store);
        var recomputed = Run(reversible);
        Assert.That(recomputed.Output, Is.EqualTo(stored.Output));
        Nets.AssertSame(recomputed.Gradients, stored.Gradients, Within(1e-12));
        Assert.That(recomputed.State, Is.EqualTo(stored.State));
        Assert.That(stored.State.Offset, Is.EqualTo(4 * 5));
    }

    [Test]
    public void Dropout_is_replayed_in_another_flow_with_another_source_that_is_left_alone()
    {
        var x = Nets.Random([5, 4], 2, requiresGradient: true);
        var net = Net(MomentumNet.Repeat(new DroppedTanh(), 3, 0.9));
        double[] expected = [];
        foreach (var mode in new[] { MemoryMode.Store, reversible })
        {
            using var scope = TensorScope.Begin();
            net.Memory = mode;
            x.ZeroGradient();
            Tensor loss;
            using (RandomSource.Use(new RandomSource(3)))
                loss = net.Call(x).Sum();
            var other = new RandomSource(4);
            using (RandomSource.Use(other))
                loss.Backward();
            Assert.That(other.State.Offset, Is.Zero);
            if (mode == MemoryMode.Store)
                expected = x.Gradient!.Values();
            else
                TestTensors.AssertClose(x.Gradient!.Values(), expected, Within(1e-12), Within(1e-12), "gradient");
        }
    }

    [Test]
    public void Dropout_inside_a_nested_network_is_replayed()
    {
        MomentumNet Make(MemoryMode mode) => Net(MomentumNet.Repeat(
            Net(MomentumNet.Repeat(new Sequential(Nets.Mlp(4, 3, 1), new DroppedTanh()), 2, 0.9, mode)), 3, 0.8, mode));
        var x = Nets.Random([5, 4], 2, requiresGradient: true);
        (double[], double[]?[]) Run(MemoryMode mode)
        {
            using var use = RandomSource.Use(new RandomSource(5));
            return Nets.Run(Make(mode), x);
        }

        Nets.AssertSame(Run(reversible), Run(MemoryMode.Store), Within(1e-12));
    }

    [Test]
    public void Inverse_refuses_layers_that_draw_random_numbers()
    {
        using var scope = TensorScope.Begin();
        var net = Net(MomentumNet.Repeat(new DroppedTanh(), 3, 0.9));
        var x = Nets.Random([5, 4], 2);
        var (last, v) = net.ForwardWithVelocity(x);
        Assert.That(() => net.Inverse(last, v), Throws.InvalidOperationException.With.Message.Contains("Eval()"));
        net.Eval();
        (last, v) = net.ForwardWithVelocity(x);
        TestTensors.AssertClose(net.Inverse(last, v).X.Values(), x.Values(), 1e-11, 1e-11, "inverse");
    }

    [Test]
    public void Batch_norm_statistics_move_once_a_step_and_not_in_Inverse()
    {
        double[] Statistics(MemoryMode mode)
        {
            using var scope = TensorScope.Begin();
            var net = Net(new MomentumNet([new Normed(3), new Normed(3)], 0.9, mode));
            var x = Nets.Random([6, 3], 2, requiresGradient: true);
            var (last, v) = net.ForwardWithVelocity(x);
            last.Sum().Backward();
            net.Inverse(last, v);
            return [.. net.Buffers().SelectMany(b => b.Values()), .. x.Gradient!.Values()];
        }

        TestTensors.AssertClose(
            Statistics(reversible),
            Statistics(MemoryMode.Store),
            Within(1e-13),
            Within(1e-13),
            "statistics and gradient");
    }

    [Test]
    public void Two_forwards_with_batch_norm_may_come_before_their_backwards()
    {
        double[] Gradient(MemoryMode mode)
        {
            using var scope = TensorScope.Begin();
            var net = Net(new MomentumNet([new Normed(3), Nets.Mlp(3, 4, 1), new Normed(3)], 0.9, mode));
            var first = Nets.Random([6, 3], 2, requiresGradient: true);
            var y = net.Call(first);
            var second = net.Call(Nets.Random([6, 3], 3, requiresGradient: true));
            (y * second).Sum().Backward();
            return [.. first.Gradient!.Values(), .. net.Parameters().SelectMany(p => p.Gradient!.Values())];
        }

        TestTensors.AssertClose(
            Gradient(reversible), Gradient(MemoryMode.Store), Within(1e-12), Within(1e-12), "gradient");
    }

    [Test]
    public void Statistics_that_an_evaluating_layer_uses_must_not_move_before_backward()
    {
        using var scope = TensorScope.Begin();
        var net = Net(new MomentumNet([new Normed(3)], 0.9, reversible));
        net.Eval();
        var loss = net.Call(Nets.Random([6, 3], 2, requiresGradient: true)).Sum();
        net.Train();
        _ = net.Call(Nets.Random([6, 3], 3));
        Assert.That(
            () => loss.Backward(),
            Throws.TypeOf<GradientException>().With.Message.Contains("buffer 'network.0.running_mean' was changed"));
    }

    [Test]
    public void Backward_evaluates_the_layers_in_the_mode_that_forward_ran_in()
    {
        var net = Net(MomentumNet.Repeat(new Sequential(Nets.Mlp(3, 4, 1), new DroppedTanh()), 3, 0.9));
        var x = Nets.Random([6, 3], 2, requiresGradient: true);
        double[]?[] Gradients(MemoryMode mode)
        {
            using var scope = TensorScope.Begin();
            net.Memory = mode;
            x.ZeroGradient();
            net.ZeroGradient();
            net.Train();
            using var use = RandomSource.Use(new RandomSource(5));
            var loss = net.Call(x).Sum();
            net.Eval();
            loss.Backward();
            Assert.That(net.Modules().Any(m => m.IsTraining), Is.False, "and leaves the mode as it found it");
            return [x.Gradient!.Values(), .. net.Parameters().Select(p => p.Gradient!.Values())];
        }

        var expected = Gradients(MemoryMode.Store);
        Nets.AssertSame(Gradients(reversible), expected, Within(1e-12));
    }

    [Test]
    public void A_convolutional_network_with_batch_norm_and_dropout_trains_alike_in_both_modes()
    {
        double[] AfterTwoSteps(MemoryMode mode)
        {
            using var use = RandomSource.Use(new RandomSource(11));
            Module Layer() => new Sequential(
                new Conv2d(3, 4, 3, padding: 1), new BatchNorm2d(4), new Relu(), new Dropout(0.2),
                new Conv2d(4, 3, 3, padding: 1),
                new BatchNorm2d(3, momentum: null));
            var net = Net(new MomentumNet([Layer(), Layer(), Layer()], 0.9, mode));
            net.To(DType.Float64);
            for (int step = 0; step < 2; step++)
            {
                using var scope = TensorScope.Begin();
                var y = net.Call(Nets.Random([2, 3, 5, 4], step));
                (y * y).Mean().Backward();
            }

            return [.. net.Buffers().SelectMany(b => b.Values()), .. net.Parameters().SelectMany(p => p.Gradient!.Values())];
        }

        TestTensors.AssertClose(
            AfterTwoSteps(reversible), AfterTwoSteps(MemoryMode.Store), 1e-10, 1e-10, "buffers and gradients");
    }

    [Test]
    public void A_ReLU_after_the_block_does_not_break_backward()
    {
        var net = Net(new MomentumNet([Nets.Mlp(3, 4, 1), Nets.Mlp(3, 4, 2)], 0.8));
        var x = Nets.Random([6, 3], 2, requiresGradient: true);
        double[] Gradient(MemoryMode mode)
        {
            using var scope = TensorScope.Begin();
            net.Memory = mode;
            x.ZeroGradient();
            new Sequential(net, new Relu()).Call(x).Square().Sum().Backward();
            return x.Gradient!.Values();
        }

        TestTensors.AssertClose(Gradient(reversible), Gradient(MemoryMode.Store), Within(1e-12), Within(1e-12), "gradient");
    }

    [Test]
    public void Micro_batches_in_replicas_on_several_threads_add_up_as_in_one_thread()
    {
        var net = Net(Nets.Deep(6, 0.8, reversible));
        double[] Gradient(int batch, MemoryMode mode)
        {
            using var replica = (MomentumNet)net.Clone(shareMemory: true);
            replica.Memory = mode;
            using var scope = TensorScope.Begin();
            replica.Call(Nets.Random([4, 3], batch)).Square().Sum().Backward();
            return [.. replica.Parameters().SelectMany(p => p.Gradient!.Values())];
        }

        double[][] expected = [.. Enumerable.Range(0, 4).Select(batch => Gradient(batch, reversible))];
        var actual = new double[4][];
        Parallel.For(0, 4, batch => actual[batch] = Gradient(batch, reversible));
        Assert.That(actual, Is.EqualTo(expected));
        for (int batch = 0; batch < 4; batch++)
            TestTensors.AssertClose(actual[batch], Gradient(batch, MemoryMode.Store), Within(1e-12), Within(1e-12), "as Store");
    }

    private static Lambda Captured()
    {
        var constant = Nets.Random([3, 3], 7);
        return new Lambda(_ => constant);
    }

    private MomentumNet Net(MomentumNet net)
    {
        net.Grid = reversible == MemoryMode.Exact ? ExactGrid.Default : null;
        return net;
    }

    /// <summary>Exact is compared with Store on the same grid, to the bit.</summary>
    private double Within(double tolerance) => reversible == MemoryMode.Exact ? 0 : tolerance;
}
