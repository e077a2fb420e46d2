using MomentumCore.Reversible;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Reversible;

/// <summary>What a layer returns as it is still belongs to the module or the caller that it came from.</summary>
[TestFixture(MemoryMode.Recompute)]
[TestFixture(MemoryMode.Exact)]
internal sealed class OwnershipTests(MemoryMode reversible)
{
    [Test]
    public void A_returned_parameter_lives_on_and_trains_again()
    {
        using var layer = new Returned([2, 3]);
        using var net = Net(new MomentumNet([Nets.Mlp(3, 4, 1), layer, Nets.Mlp(3, 4, 2)], 0.9));
        var x = Nets.Random([2, 3], 5, requiresGradient: true);
        var expected = Nets.Run(net, x);
        net.Memory = reversible;
        for (int step = 0; step < 2; step++)
        {
            Nets.AssertSame(Nets.Run(net, x), expected, Within(1e-12));
            Assert.That(layer.Value.IsDisposed, Is.False);
        }
    }

    [Test]
    public void A_returned_constant_lives_on()
    {
        using var constant = Nets.Random([2, 3], 7);
        double[] values = constant.Values();
        using var net = Net(new MomentumNet([Nets.Mlp(3, 4, 1), new Lambda(_ => constant), Nets.Mlp(3, 4, 2)], 0.9));
        var x = Nets.Random([2, 3], 5, requiresGradient: true);
        var expected = Nets.Run(net, x);
        net.Memory = reversible;
        for (int step = 0; step < 2; step++)
            Nets.AssertSame(Nets.Run(net, x), expected, Within(1e-12));
        Assert.That(constant.Values(), Is.EqualTo(values));
    }

    [Test]
    public void A_returned_extra_input_lives_on_and_has_its_gradient()
    {
        var first = new LambdaOfAll((_, others) => others[0]);
        using var net = Net(new MomentumNet([first, new LambdaOfAll((x, others) => x * others[0]), first], 0.9));
        var x = Nets.Random([2, 3], 5, requiresGradient: true);
        var memory = Nets.Random([2, 3], 6, requiresGradient: true);
        var expected = Nets.Run(net, x, memory);
        net.Memory = reversible;
        for (int step = 0; step < 2; step++)
            Nets.AssertSame(Nets.Run(net, x, memory), expected, Within(1e-12));
    }

    [Test]
    public void Inverse_frees_neither_extra_inputs_nor_parameters_nor_constants()
    {
        using var scope = TensorScope.Begin();
        var constant = Nets.Random([2, 3], 7);
        var memory = Nets.Random([2, 3], 6);
        var parameter = new Returned([2, 3]);
        var net = new MomentumNet(
            [
                new LambdaOfAll((_, others) => others[0]), new LambdaOfAll((_, _) => constant),
                new LambdaOfAll((_, _) => parameter.Value), new LambdaOfAll((x, others) => x * others[0]),
            ],
            0.9);
        var x = Nets.Random([2, 3], 5);
        double[] values = [.. constant.Values(), .. memory.Values(), .. parameter.Value.Values()];
        for (int time = 0; time < 2; time++)
        {
            Tensor first;
            if (reversible == MemoryMode.Exact)
            {
                using var state = net.ForwardExact(x, memory);
                (first, _) = net.Inverse(state, memory);
                TestTensors.AssertClose(first.Values(), x.Values(), 1e-11, 1e-11, "inverse");
            }

            var (last, velocity) = net.ForwardWithVelocity(x, memory);
            (first, _) = net.Inverse(last, velocity, memory);
            TestTensors.AssertClose(first.Values(), x.Values(), 1e-11, 1e-11, "inverse");
        }

        Assert.That(
            (double[])[.. constant.Values(), .. memory.Values(), .. parameter.Value.Values()], Is.EqualTo(values));
    }

    private MomentumNet Net(MomentumNet net)
    {
        net.Grid = reversible == MemoryMode.Exact ? ExactGrid.Default : null;
        return net;
    }

    /// <summary>Exact is compared with Store on the same grid, to the bit.</summary>
    private double Within(double tolerance) => reversible == MemoryMode.Exact ? 0 : tolerance;
}
