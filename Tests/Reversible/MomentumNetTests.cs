using MomentumCore.Layers;
using MomentumCore.Reversible;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Reversible;

/// <summary>
/// What a momentum network computes, in both memory modes; the cases of the authors' own tests are here.
/// </summary>
[TestFixture]
internal sealed class MomentumNetTests
{
    private static readonly MemoryMode[] Modes = [MemoryMode.Store, MemoryMode.Recompute];

    [Test]
    public void Layers_keep_the_dimension_and_a_layer_that_does_not_fit_is_an_error(
        [ValueSource(nameof(Modes))] MemoryMode mode)
    {
        using var scope = TensorScope.Begin();
        var x = Nets.Random([3], 1, dtype: DType.Float32);
        var fits = new MomentumNet([new Sequential(new Linear(3, 3), new Linear(3, 3), new Linear(3, 3))], 0.9, mode);
        Assert.That(fits.Call(x).Shape, Is.EqualTo(x.Shape));
        var broken = new MomentumNet([new Sequential(new Linear(3, 4), new Linear(3, 3), new Linear(3, 3))], 0.9, mode);
        Assert.That(() => broken.Call(x), Throws.TypeOf<ShapeException>());
    }

    [Test]
    public void Outputs_and_gradients_of_the_modes_agree([Values] bool velocity, [Values] bool isResidual)
    {
        var store = Nets.Deep(8, 0.99, MemoryMode.Store, velocity: velocity, isResidual: isResidual);
        var recompute = Nets.Deep(8, 0.99, MemoryMode.Recompute, velocity: velocity, isResidual: isResidual);
        var x = Nets.Random([3], 5, requiresGradient: true);
        Nets.AssertSame(Nets.Run(recompute, x), Nets.Run(store, x), 1e-12);
        Assert.That(recompute.LastDrift, Is.InRange(0, 1e-14));
        Assert.That(store.LastDrift, Is.Null);
    }

    [Test]
    public void Outputs_of_the_modes_have_the_same_bits()
    {
        using var scope = TensorScope.Begin();
        var net = Nets.Deep(6, 0.9, MemoryMode.Store, dtype: DType.Float32);
        var x = Nets.Random([7, 3], 5, requiresGradient: true, dtype: DType.Float32);
        double[] stored = net.Call(x).Values();
        net.Memory = MemoryMode.Recompute;
        Assert.That(net.Call(x).Values(), Is.EqualTo(stored));
        using (NoGrad.Begin())
            Assert.That(net.Call(x).Values(), Is.EqualTo(stored));
    }

    [Test]
    public void Modes_agree_with_an_extra_input_that_needs_no_gradient([Values] bool velocity)
    {
        var net = new MomentumNet(
            [new SumOfLinears([3, 3], bias: false)], 0.9, MemoryMode.Store, velocity ? Nets.Mlp(3, 4, 9) : null);
        var x = Nets.Random([10, 3], 2, requiresGradient: true);
        var memory = Nets.Random([10, 3], 3);
        var expected = Nets.Run(net, x, memory);
        net.Memory = MemoryMode.Recompute;
        Nets.AssertSame(Nets.Run(net, x, memory), expected, 1e-12);
        Assert.That(expected.Gradients[1], Is.Null);
    }

    [Test]
    public void Modes_agree_with_two_inputs()
    {
        var net = new MomentumNet([.. Enumerable.Range(0, 3).Select(_ => new SumOfLinears([3, 2]))], 0.9);
        var x = Nets.Random([1, 3], 2, requiresGradient: true);
        var memory = Nets.Random([1, 2], 3, requiresGradient: true);
        var expected = Nets.Run(net, x, memory);
        net.Memory = MemoryMode.Recompute;
        Nets.AssertSame(Nets.Run(net, x, memory), expected, 1e-12);
        Assert.That(expected.Gradients[1], Is.Not.Null);
    }

    [Test]
    public void Modes_agree_with_three_inputs_of_which_two_need_gradients()
    {
        var net = new MomentumNet([.. Enumerable.Range(0, 5).Select(_ => new SumOfLinears([3, 2, 4]))], 0.9);
        var x = Nets.Random([10, 3], 2, requiresGradient: true);
        var memory = Nets.Random([10, 2], 3, requiresGradient: true);
        var third = Nets.Random([10, 4], 4);
        var expected = Nets.Run(net, x, memory, third);
        net.Memory = MemoryMode.Recompute;
        Nets.AssertSame(Nets.Run(net, x, memory, third), expected, 1e-12);
        Assert.That(expected.Gradients[2], Is.Null);
    }

    [Test]
    public void Gamma_zero_is_the_plain_residual_network()
    {
        using var scope = TensorScope.Begin();
        var net = Nets.Deep(4, 0, MemoryMode.Store);
        var x = Nets.Random([5, 3], 1);
        var expected = x;
        foreach (var f in net.Functions)
            expected += f.Call(expected);
        TestTensors.AssertClose(net.Call(x).Values(), expected.Values(), 1e-14, 0, "x + f(x)");
    }

    [Test]
    public void Gamma_one_never_changes_the_velocity([ValueSource(nameof(Modes))] MemoryMode mode)
    {
        using var scope = TensorScope.Begin();
        var net = Nets.Deep(4, 1, mode, velocity: true);
        var x = Nets.Random([5, 3], 1, requiresGradient: true);
        var v = net.InitialVelocity!.Call(x);
        TestTensors.AssertClose(net.Call(x).Values(), (x + (v * 4.0)).Values(), 1e-14, 1e-14, "x + 4 v");
        var expected = Nets.Run(Nets.Deep(4, 1, MemoryMode.Store, velocity: true), x);
        Nets.AssertSame(Nets.Run(net, x), expected, 1e-12);
    }

    [TestCase(-0.1)]
    [TestCase(1.1)]
    [TestCase(double.NaN)]
    public void Gamma_outside_0_to_1_is_refused(double gamma) =>
        Assert.That(
            () => Nets.Deep(1, gamma, MemoryMode.Store),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("[0, 1]"));

    [Test]
    public void Gamma_zero_cannot_be_recomputed_and_the_error_says_what_to_use()
    {
        Assert.That(
            () => Nets.Deep(1, 0, MemoryMode.Recompute),
            Throws.ArgumentException.With.Message.Contains("MemoryMode.Store"));
        var net = Nets.Deep(1, 0, MemoryMode.Store);
        Assert.That(
            () => net.Memory = MemoryMode.Recompute,
            Throws.ArgumentException.With.Message.Contains("MemoryMode.Store"));
        var x = Nets.Random([3], 1);
        Assert.That(() => net.Inverse(x, x), Throws.InvalidOperationException.With.Message.Contains("gamma = 0"));
    }

    [Test]
    public void A_layer_that_changes_the_shape_is_named_with_both_shapes([ValueSource(nameof(Modes))] MemoryMode mode)
    {
        var net = new MomentumNet([Nets.Mlp(3, 4, 1), new Linear(3, 2, dtype: DType.Float64)], 0.9, mode);
        var x = Nets.Random([5, 3], 1, requiresGradient: true);
        Assert.That(
            () => net.Call(x),
            Throws.TypeOf<ShapeException>().With.Message.Contains("layer 1 (Linear)").And.Message.Contains("[5, 2]")
                .And.Message.Contains("[5, 3]"));
        var velocity = new MomentumNet([Nets.Mlp(3, 4, 1)], 0.9, mode, new Linear(3, 2, dtype: DType.Float64));
        Assert.That(() => velocity.Call(x), Throws.TypeOf<ShapeException>().With.Message.Contains("initial velocity"));
    }

    [Test]
    public void No_layers_give_the_input_back([ValueSource(nameof(Modes))] MemoryMode mode)
    {
        using var scope = TensorScope.Begin();
        var net = new MomentumNet([], 0.9, mode);
        var x = Nets.Random([2, 3], 1, requiresGradient: true);
        Assert.That(net.Call(x).Values(), Is.EqualTo(x.Values()));
        net.Call(x).Sum().Backward();
        Assert.That(x.Gradient!.Values(), Is.All.EqualTo(1));
    }

    [Test]
    public void Repeat_shares_one_set_of_weights()
    {
        var f = Nets.Mlp(3, 4, 1);
        var net = MomentumNet.Repeat(f, 5, 0.9);
        Assert.That(net.Depth, Is.EqualTo(5));
        Assert.That(net.Parameters().Count(), Is.EqualTo(4));
        var apart = new MomentumNet([.. Enumerable.Range(0, 5).Select(_ => Nets.Mlp(3, 4, 1))], 0.9);
        var x = Nets.Random([2, 3], 1, requiresGradient: true);
        var shared = Nets.Run(net, x);
        var single = Nets.Run(apart, x);
        TestTensors.AssertClose(shared.Output, single.Output, 0, 0, "output");
        for (int p = 0; p < 4; p++)
        {
            double[] sum = new double[shared.Gradients[1 + p]!.Length];
            for (int layer = 0; layer < 5; layer++)
                sum = [.. sum.Zip(single.Gradients[1 + (4 * layer) + p]!, (a, b) => a + b)];
            TestTensors.AssertClose(shared.Gradients[1 + p]!, sum, 1e-13, 1e-13, "shared gradient");
        }
    }

    [Test]
    public void Names_are_those_of_the_authors_package()
    {
        var net = Nets.Deep(2, 0.9, MemoryMode.Store, velocity: true);
        Assert.That(
            net.NamedParameters().Select(p => p.Name).Where(n => n.EndsWith("weight", StringComparison.Ordinal)),
            Is.EqualTo(new[]
            {
                "network.0.0.weight", "network.0.2.weight", "network.1.0.weight", "network.1.2.weight",
                "network.init.0.weight", "network.init.2.weight",
            }));
    }

    [Test]
    public void Inverse_after_forward_returns_the_start_in_every_mode(
        [Values] MemoryMode mode, [Values] bool isResidual, [Values] bool velocity)
    {
        using var scope = TensorScope.Begin();
        var net = Nets.Deep(10, 0.9, mode, isResidual: isResidual, velocity: velocity);
        var x = Nets.Random([4, 3], 1);
        var (last, speed) = net.ForwardWithVelocity(x);
        var (start, first) = net.Inverse(last, speed);
        // Of an (x, v) in floats: Exact rounded both to its grid of 2^−40.
        double within = mode == MemoryMode.Exact ? 1e-10 : 1e-13;
        TestTensors.AssertClose(start.Values(), x.Values(), within, within, "x");
        double[] expected = net.InitialVelocity?.Call(x).Values() ?? new double[x.Count];
        TestTensors.AssertClose(first.Values(), expected, within, within, "v");
        Assert.That(last.Values(), Is.EqualTo(net.Call(x).Values()));
    }

    [Test]
    public void Gradients_flow_from_position_and_velocity([Values] bool isResidual)
    {
        double[]?[] Gradients(MemoryMode mode, bool useX, bool useV)
        {
            using var scope = TensorScope.Begin();
            var net = Nets.Deep(5, 0.8, mode, isResidual: isResidual, velocity: true);
            var x = Nets.Random([2, 3], 4, requiresGradient: true);
            var (last, speed) = net.ForwardWithVelocity(x);
            var loss = useX && useV ? (last * speed).Sum() : useX ? (last * last).Sum() : (speed * speed).Sum();
            loss.Backward();
            return [x.Gradient!.Values(), .. net.Parameters().Select(p => p.Gradient?.Values())];
        }

        foreach (var (useX, useV) in new[] { (true, true), (true, false), (false, true) })
            Nets.AssertSame(
                Gradients(MemoryMode.Recompute, useX, useV), Gradients(MemoryMode.Store, useX, useV), 1e-12);
    }

    [Test]
    public void Store_can_be_differentiated_twice_and_Recompute_says_that_it_cannot([Values] bool isResidual)
    {
        using var scope = TensorScope.Begin();
        var net = Nets.Deep(3, 0.7, MemoryMode.Store, isResidual: isResidual);
        double[] start = Nets.Random([2, 3], 4).Values();

        double Slope(double[] at)
        {
            var x = Tensor.From(at, [2, 3]);
            x.RequiresGradient = true;
            var y = net.Call(x);
            return Gradients.Of((y * y).Sum(), x)[0].Values().Sum();
        }

        var x = Tensor.From(start, [2, 3]);
        x.RequiresGradient = true;
        var y = net.Call(x);
        var first = Gradients.Of([(y * y).Sum()], [x], createGraph: true)[0];
        double[] second = Gradients.Of(first.Sum(), x)[0].Values();
        for (int i = 0; i < start.Length; i++)
        {
            double[] up = [.. start], down = [.. start];
            up[i] += 1e-5;
            down[i] -= 1e-5;
            Assert.That(second[i], Is.EqualTo((Slope(up) - Slope(down)) / 2e-5).Within(1e-7));
        }

        net.Memory = MemoryMode.Recompute;
        var z = net.Call(x).Sum();
        Assert.That(
            () => Gradients.Of([z], [x], createGraph: true),
            Throws.TypeOf<GradientException>().With.Message.Contains("second derivative")
                .And.Message.Contains("MemoryMode.Store"));
    }

    [Test]
    public void It_prints_its_settings_and_repeated_layers_once() =>
        Assert.That(
            MomentumNet.Repeat(new Linear(2, 2), 5, 0.9, initialVelocity: new Tanh()).ToString(),
            Is.EqualTo(
                """
                MomentumNet(gamma: 0.9, memory: Store, isResidual: true
                  (network): Network(
                    (0-4): 5 x Linear(inFeatures: 2, outFeatures: 2, bias: true)
                    (init): Tanh()
                  )
                )
                """.ReplaceLineEndings("\n")));
}
