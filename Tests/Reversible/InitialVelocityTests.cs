using MomentumCore.Layers;
using MomentumCore.Reversible;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Reversible;

/// <summary>What the initial velocity alone uses is its own affair: only the layers are evaluated again.</summary>
[TestFixture]
internal sealed class InitialVelocityTests
{
    [Test]
    public void Two_forwards_may_come_before_their_backwards_where_the_initial_velocity_has_statistics(
        [Values(MemoryMode.Recompute, MemoryMode.Exact)] MemoryMode mode)
    {
        using var scope = TensorScope.Begin();
        AssertAsStore(mode, shared: false);
    }

    // Its statistics move before the layers' and with them, once each.
    [Test]
    public void An_initial_velocity_that_is_a_layer_too_moves_its_statistics_as_in_Store(
        [Values(MemoryMode.Recompute, MemoryMode.Exact)] MemoryMode mode)
    {
        using var scope = TensorScope.Begin();
        AssertAsStore(mode, shared: true);
    }

    [Test]
    public void A_weight_of_a_layer_that_is_the_initial_velocity_too_is_watched([Values] bool shared)
    {
        using var scope = TensorScope.Begin();
        Module first = Nets.Mlp(3, 5, 1), layer = shared ? first : Nets.Mlp(3, 5, 2);
        var net = new MomentumNet([layer, Nets.Mlp(3, 5, 3)], 0.9, MemoryMode.Recompute, first);
        var loss = net.Call(Nets.Random([4, 3], 2, requiresGradient: true)).Sum();
        using (NoGrad.Begin())
            layer.Parameters().First().Fill(0.5);
        Assert.That(
            () => loss.Backward(),
            Throws.TypeOf<GradientException>().With.Message.Contains("'network.0.0.weight' was changed"));
    }

    private static void AssertAsStore(MemoryMode mode, bool shared)
    {
        var grid = mode == MemoryMode.Exact ? ExactGrid.Default : null;
        TestTensors.AssertClose(
            Gradients(mode, grid, shared), Gradients(MemoryMode.Store, grid, shared), mode == MemoryMode.Exact ? 0 : 1e-12, 0, "all");
    }

    /// <summary>All gradients of two micro-batches, both forwards first, and the statistics after them.</summary>
    private static double[] Gradients(MemoryMode mode, ExactGrid? grid, bool shared)
    {
        var first = new Sequential(new Linear(3, 3), new BatchNorm1d(3));
        var net = new MomentumNet(
            [shared ? first : Nets.Mlp(3, 5, 1), Nets.Mlp(3, 5, 2)], 0.9, mode, new Sequential(first, new Tanh()))
        {
            Grid = grid,
        };
        net.To(DType.Float64);
        Nets.Randomize(net, 7);
        Tensor[] inputs = [Nets.Random([4, 3], 2, requiresGradient: true), Nets.Random([4, 3], 3, requiresGradient: true)];
        Tensor[] losses = [.. inputs.Select(x => net.Call(x).Square().Sum())];
        foreach (var loss in losses)
            loss.Backward();
        return
        [
            .. inputs.SelectMany(x => x.Gradient!.Values()),
            .. net.Parameters().SelectMany(p => p.Gradient!.Values()),
            .. net.Buffers().SelectMany(b => b.Values()),
        ];
    }
}
