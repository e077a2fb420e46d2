using MomentumCore.Layers;
using MomentumCore.Reversible;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Reversible;

/// <summary>A γ for each layer, and a γ that is learned.</summary>
[TestFixture]
internal sealed class GammaTests
{
    private static readonly double[] Mixed = [0.95, 0.3, 1, 0.9, 0.5, 0.99, 0.7];

    [Test]
    public void Each_layer_keeps_its_own_share_in_every_mode([Values] bool isResidual, [Values] bool velocity)
    {
        MomentumNet Make(MemoryMode mode) => new(
            [.. Mixed.Select((_, i) => Nets.Mlp(3, 4, i))], Mixed, mode, velocity ? Nets.Mlp(3, 4, 50) : null, isResidual);
        var x = Nets.Random([4, 3], 1, requiresGradient: true);
        var net = Make(MemoryMode.Store);
        Assert.That(net.Gammas, Is.EqualTo(Mixed));
        Assert.That(net.Gamma, Is.NaN);
        var stored = Nets.Run(net, x);
        Assert.That(stored.Output, Is.EqualTo(ByHand(net, x)).Within(1e-14));
        Nets.AssertSame(Nets.Run(Make(MemoryMode.Recompute), x), stored, 1e-12);
        net.Grid = ExactGrid.Default;
        var onGrid = Nets.Run(net, x);
        Nets.AssertSame(onGrid, stored, 1e-8);
        Nets.AssertSame(Nets.Run(Make(MemoryMode.Exact), x), onGrid, 0);
    }

    [Test]
    public void A_learned_gamma_has_the_derivative_of_central_differences_in_both_modes(
        [Values(MemoryMode.Store, MemoryMode.Recompute)] MemoryMode mode, [Values] bool isResidual, [Values] bool shared)
    {
        double[] initial = shared ? [0.8] : [0.8, 0.6, 0.95, 0.7];
        var net = MomentumNet.WithLearnedGamma([.. Enumerable.Range(0, 4).Select(i => Nets.Mlp(3, 4, i))], initial, mode, Nets.Mlp(3, 4, 9), isResidual);
        net.To(DType.Float64);
        Assert.That(net.Gammas, Is.EqualTo(shared ? [0.8, 0.8, 0.8, 0.8] : initial).Within(1e-7));
        var logits = net.GetParameter("gamma_logits");
        var x = Nets.Random([4, 3], 1, requiresGradient: true);
        double Loss()
        {
            using var scope = TensorScope.Begin();
            using var noGrad = NoGrad.Begin();
            var y = net.Call(x);
            return ((y * y) + (y * y * y)).Sum().Item();
        }

        _ = Nets.Run(net, x);
        double[] gradient = logits.Gradient!.Values();
        for (int i = 0; i < gradient.Length; i++)
        {
            var values = logits.AsSpan<double>();
            double middle = values[i];
            values[i] = middle + 1e-5;
            double up = Loss();
            logits.AsSpan<double>()[i] = middle - 1e-5;
            double down = Loss();
            logits.AsSpan<double>()[i] = middle;
            Assert.That(gradient[i], Is.EqualTo((up - down) / 2e-5).Within(1e-7 * (1 + Math.Abs(gradient[i]))));
        }
    }

    [Test]
    public void The_derivative_of_a_tiny_first_gamma_is_not_what_rounding_left(
        [Values(1e-3, 1e-5, 1e-7)] double first, [Values] bool isResidual, [Values] bool velocity)
    {
        double Derivative(DType dtype, MemoryMode mode)
        {
            using var scope = TensorScope.Begin();
            var net = MomentumNet.WithLearnedGamma(
                [.. Enumerable.Range(0, 4).Select(i => Nets.Mlp(3, 4, i, dtype))],
                [first, 0.9, 0.95, 0.9],
                mode,
                velocity ? Nets.Mlp(3, 4, 9, dtype) : null,
                isResidual);
            net.To(dtype);
            var y = net.Call(Nets.Random([4, 3], 1, requiresGradient: true, dtype));
            (y * y * y).Sum().Backward();
            return net.GetParameter("gamma_logits").Gradient!.Values()[0];
        }

        double expected = Derivative(DType.Float64, MemoryMode.Store);
        // It was up to 15 % off at the smallest. The logit's own derivative has a factor gamma.
        Assert.That(Derivative(DType.Float32, MemoryMode.Recompute), Is.EqualTo(expected).Within(0.02).Percent);
    }

    [Test]
    public void Modes_agree_on_all_gradients_with_a_learned_gamma([Values] bool shared)
    {
        double[] initial = shared ? [0.8] : [0.8, 0.6, 0.95, 0.7];
        var net = MomentumNet.WithLearnedGamma([.. Enumerable.Range(0, 4).Select(_ => new SumOfLinears([3, 2]))], initial);
        net.To(DType.Float64);
        var x = Nets.Random([4, 3], 1, requiresGradient: true);
        var memory = Nets.Random([4, 2], 2, requiresGradient: true);
        var stored = Nets.Run(net, x, memory);
        net.Memory = MemoryMode.Recompute;
        Nets.AssertSame(Nets.Run(net, x, memory), stored, 1e-12);
        Assert.That(net.LastDrift, Is.InRange(0, 1e-12));
    }

    [Test]
    public void A_learned_gamma_is_printed_trained_and_refused_where_it_cannot_be()
    {
        using var scope = TensorScope.Begin();
        Module[] layers = [Nets.Mlp(3, 4, 1, DType.Float32), Nets.Mlp(3, 4, 2, DType.Float32)];
        var net = MomentumNet.WithLearnedGamma(layers, [0.5]);
        Assert.That(net.ToString(), Does.Contain("gamma: 0.5 (learned)"));
        using var optimizer = new Sgd(net.Parameters(), 0.1);
        net.Call(Nets.Random([4, 3], 1, dtype: DType.Float32)).Square().Sum().Backward();
        optimizer.Step();
        Assert.That(net.Gamma, Is.Not.EqualTo(0.5).Within(1e-4));
        Assert.That(() => net.Memory = MemoryMode.Exact, Throws.ArgumentException.With.Message.Contains("learned gamma"));
        Assert.That(() => MomentumNet.WithLearnedGamma(layers, [1.0]), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => MomentumNet.WithLearnedGamma(layers, [0.5, 0.5, 0.5]), Throws.ArgumentException.With.Message.Contains("3 gammas for 2 layers"));
        Assert.That(() => new MomentumNet(layers, [0.5, 1.5]), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(new MomentumNet(layers, [0.5, 0.75]).ToString(), Does.Contain("gamma: 0.5 to 0.75"));
    }

    [Test]
    public void One_layer_that_forgets_everything_makes_the_network_irreversible()
    {
        var net = new MomentumNet([Nets.Mlp(3, 4, 1), Nets.Mlp(3, 4, 2)], [0.5, 0]);
        Assert.That(() => net.Memory = MemoryMode.Recompute, Throws.ArgumentException.With.Message.Contains("gamma = 0"));
        Assert.That(() => net.Memory = MemoryMode.Exact, Throws.ArgumentException.With.Message.Contains("gamma = 0"));
    }

    private static double[] ByHand(MomentumNet net, Tensor x)
    {
        using var scope = TensorScope.Begin();
        using var noGrad = NoGrad.Begin();
        var position = x;
        var v = net.InitialVelocity?.Call(x) ?? x.ZerosLike();
        for (int t = 0; t < net.Depth; t++)
        {
            var f = net.Functions[t].Call(position);
            v = (v * net.Gammas[t]) + ((net.IsResidual ? f : f - position) * (1 - net.Gammas[t]));
            position += v;
        }

        return position.ToArray<double>();
    }
}
