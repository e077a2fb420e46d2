using MomentumCore.Layers;
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

    [Test]
    public void Random_numbers_drawn_in_a_task_are_drawn_again()
    {
        var x = Nets.Random([5, 4], 2, requiresGradient: true);
        (double[], double[]?[]) Run(MemoryMode mode)
        {
            using var use = RandomSource.Use(new RandomSource(5));
            var net = Net(MomentumNet.Repeat(new InTask(new Sequential(Nets.Mlp(4, 3, 1), new DroppedTanh())), 3, 0.9));
            net.Memory = mode;
            var (output, gradients) = Nets.Run(net, x);
            return ([.. output, RandomSource.Current.State.Offset], gradients);
        }

        Nets.AssertSame(Run(reversible), Run(MemoryMode.Store), Within(1e-12));
    }

    [Test]
    public void Tasks_that_share_a_source_are_refused_and_tasks_with_forks_are_replayed()
    {
        var x = Nets.Random([5, 4], 2, requiresGradient: true);
        (double[], double[]?[]) Run(MemoryMode mode, bool forks)
        {
            using var use = RandomSource.Use(new RandomSource(5));
            var net = Net(MomentumNet.Repeat(new DroppedBranches(forks), 3, 0.9));
            net.Memory = mode;
            return Nets.Run(net, x);
        }

        Assert.That(
            () => Run(reversible, forks: false),
            Throws.TypeOf<GradientException>().With.Message.Contains("Fork(n) of the source, made before the tasks start"));
        Assert.That(() => Run(MemoryMode.Store, forks: false), Throws.Nothing);
        Nets.AssertSame(Run(reversible, forks: true), Run(MemoryMode.Store, forks: true), Within(1e-12));
    }

    [Test]
    public void Inverse_refuses_layers_that_draw_random_numbers_in_a_task()
    {
        using var scope = TensorScope.Begin();
        var net = MomentumNet.Repeat(new InTask(new DroppedTanh()), 3, 0.9);
        var (last, v) = net.ForwardWithVelocity(Nets.Random([5, 4], 2));
        Assert.That(() => net.Inverse(last, v), Throws.InvalidOperationException.With.Message.Contains("Eval()"));
        Assert.That(() => net.ForwardExact(last), Throws.InvalidOperationException.With.Message.Contains("Eval()"));
    }

    private MomentumNet Net(MomentumNet net)
    {
        net.Grid = reversible == MemoryMode.Exact ? ExactGrid.Default : null;
        return net;
    }

    /// <summary>Exact is compared with Store on the same grid, to the bit.</summary>
    private double Within(double tolerance) => reversible == MemoryMode.Exact ? 0 : tolerance;

    private sealed class InTask : Module
    {
        private readonly Module _inner;

        public InTask(Module inner) => _inner = RegisterModule("inner", inner);

        protected override Tensor Forward(Tensor x) => Task.Run(() => _inner.Call(x)).GetAwaiter().GetResult();
    }

    /// <summary>Two branches with dropout, each in a task of its own.</summary>
    private sealed class DroppedBranches(bool forks) : Module
    {
        protected override Tensor Forward(Tensor x)
        {
            var source = RandomSource.Current;
            RandomSource left = forks ? source.Fork(1) : source, right = forks ? source.Fork(2) : source;
            // A draw here moves the source, so that the next layer's forks are others.
            if (forks)
                source.NextDouble();
            var first = Task.Run(() => x.Dropout(0.4, left).Tanh());
            var second = Task.Run(() => x.Dropout(0.4, right).Sigmoid());
            return first.GetAwaiter().GetResult() + second.GetAwaiter().GetResult();
        }
    }
}
