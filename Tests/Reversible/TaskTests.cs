using MomentumCore.Reversible;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Reversible;

/// <summary>Layers that do their work in tasks.</summary>
[TestFixture(MemoryMode.Recompute)]
[TestFixture(MemoryMode.Exact)]
internal sealed class TaskTests(MemoryMode reversible)
{
    [Test]
    public void Layers_with_tasks_agree_with_Store_whether_or_not_backward_is_called_under_NoGrad([Values] bool noGrad)
    {
        var x = Nets.Random([4, 3], 2, requiresGradient: true);
        var net = MomentumNet.Repeat(new Branches(Nets.Mlp(3, 4, 1), Nets.Mlp(3, 4, 2)), 3, 0.9);
        net.Grid = reversible == MemoryMode.Exact ? ExactGrid.Default : null;
        double[]?[] Run(MemoryMode mode)
        {
            net.Memory = mode;
            net.ZeroGradient();
            x.ZeroGradient();
            using var scope = TensorScope.Begin();
            var loss = net.Call(x).Square().Sum();
            using (noGrad ? NoGrad.Begin() : null)
                loss.Backward();
            return [x.Gradient!.Values(), .. net.Parameters().Select(p => p.Gradient?.Values())];
        }

        Nets.AssertSame(
            Run(reversible), Run(MemoryMode.Store), reversible == MemoryMode.Exact ? 0 : 1e-12);
    }

    [Test]
    public void A_second_derivative_under_NoGrad_agrees_with_Store()
    {
        var x = Nets.Random([4, 3], 2, requiresGradient: true);
        var net = MomentumNet.Repeat(new Branches(Nets.Mlp(3, 4, 1), Nets.Mlp(3, 4, 2)), 3, 0.9);
        net.Grid = ExactGrid.Default;
        double[] Product(MemoryMode mode)
        {
            net.Memory = mode;
            using var scope = TensorScope.Begin();
            var loss = net.Call(x).Square().Sum();
            using var noGrad = NoGrad.Begin();
            var gradient = Gradients.Of([loss], [x], createGraph: true)[0];
            return Gradients.Of([gradient], [x], [gradient.Detach()])[0].Values();
        }

        if (reversible == MemoryMode.Recompute)
        {
            Assert.That(() => Product(reversible), Throws.TypeOf<GradientException>().With.Message.Contains("second derivative"));
            return;
        }

        Nets.AssertSame([Product(reversible)], [Product(MemoryMode.Store)], 1e-12);
    }
}
