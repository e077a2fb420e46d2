using MomentumCore.Layers;
using MomentumCore.Reversible;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Reversible;

/// <summary>
/// A tensor that a layer uses without being given it, and that requires a gradient, is refused in forward: whether the
/// block's backward runs at all is up to who asks for which gradients.
/// </summary>
[TestFixture(MemoryMode.Recompute)]
[TestFixture(MemoryMode.Exact)]
internal sealed class ForeignTests(MemoryMode reversible)
{
    [Test]
    public void A_captured_leaf_is_refused_and_described([Values] bool inputRequiresGradient)
    {
        using var scope = TensorScope.Begin();
        var captured = Nets.Random([1, 3], 1, requiresGradient: true);
        var net = Net(Nets.Mlp(3, 4, 1), new Lambda(x => x * captured), Nets.Mlp(3, 4, 1));
        Assert.That(
            () => net.Call(Nets.Random([2, 3], 2, inputRequiresGradient)),
            Throws.TypeOf<GradientException>().With.Message.Contains("layer 1 (Lambda)")
                .And.Message.Contains("a leaf of shape [1, 3]")
                .And.Message.Contains($"MemoryMode.{reversible} cannot")
                .And.Message.Contains("extra input"));
    }

    [Test]
    public void A_captured_leaf_is_refused_when_nothing_else_requires_a_gradient_and_Store_gives_it_one()
    {
        using var scope = TensorScope.Begin();
        var captured = Nets.Random([1, 3], 1, requiresGradient: true);
        var net = Net(new Lambda(x => x * captured));
        var x = Nets.Random([2, 3], 2);
        Assert.That(
            () => net.Call(x), Throws.TypeOf<GradientException>().With.Message.Contains("a leaf of shape [1, 3]"));
        net.Memory = MemoryMode.Store;
        net.Call(x).Sum().Backward();
        Assert.That(captured.Gradient, Is.Not.Null);
    }

    [Test]
    public void A_captured_result_is_refused_and_described()
    {
        using var scope = TensorScope.Begin();
        var x = Nets.Random([2, 3], 2, requiresGradient: true);
        var captured = x.Tanh();
        var net = Net(new Lambda(z => z * captured));
        Assert.That(
            () => net.Call(x),
            Throws.TypeOf<GradientException>().With.Message.Contains("a result of Tanh of shape [2, 3]"));
    }

    [Test]
    public void A_captured_tensor_that_is_returned_as_it_is_is_refused()
    {
        using var scope = TensorScope.Begin();
        var captured = Nets.Random([2, 3], 1, requiresGradient: true);
        var net = Net(Nets.Mlp(3, 4, 1), new Lambda(_ => captured));
        Assert.That(
            () => net.Call(Nets.Random([2, 3], 2)),
            Throws.TypeOf<GradientException>().With.Message.Contains("a leaf of shape [2, 3]"));
    }

    [Test]
    public void The_input_and_an_extra_input_are_refused_where_they_are_captured_besides([Values] bool input)
    {
        using var scope = TensorScope.Begin();
        var x = Nets.Random([2, 3], 2, requiresGradient: true);
        var memory = Nets.Random([2, 3], 3, requiresGradient: true);
        var captured = input ? x : memory;
        var net = Net(new LambdaOfAll((z, others) => z * captured * others[0]));
        Assert.That(
            () => net.Call(x, memory),
            Throws.TypeOf<GradientException>().With.Message.Contains("layer 0 (LambdaOfAll) uses a leaf of shape [2, 3]"));
    }

    [Test]
    public void A_tensor_that_a_nested_network_or_a_task_captures_is_refused(
        [Values] bool task, [Values] MemoryMode inner)
    {
        using var scope = TensorScope.Begin();
        var captured = Nets.Random([1, 3], 1, requiresGradient: true);
        var layer = new Lambda(x => x * captured);
        var net = Net(task
            ? new Branches(Nets.Mlp(3, 4, 1), new MomentumNet([layer], 0.9, inner))
            : new MomentumNet([Nets.Mlp(3, 4, 1), layer], 0.9, inner));
        Assert.That(
            () => net.Call(Nets.Random([2, 3], 2, requiresGradient: true)),
            Throws.TypeOf<GradientException>().With.Message.Contains("a leaf of shape [1, 3]"));
    }

    [Test]
    public void A_tensor_that_requires_a_gradient_since_forward_is_refused_in_backward([Values] bool createGraph)
    {
        using var scope = TensorScope.Begin();
        var captured = Nets.Random([1, 3], 1);
        var net = Net(Nets.Mlp(3, 4, 1), new Lambda(x => x * captured));
        var x = Nets.Random([2, 3], 2, requiresGradient: true);
        var loss = net.Call(x).Sum();
        captured.RequiresGradient = true;
        string expected = createGraph && reversible == MemoryMode.Recompute
            ? "has no second derivative"
            : "layer 1 (Lambda) uses a leaf of shape [1, 3]";
        Assert.That(
            () => Gradients.Of([loss], [x], createGraph: createGraph),
            Throws.TypeOf<GradientException>().With.Message.Contains(expected));
    }

    [Test]
    public void What_no_gradient_flows_through_may_be_captured()
    {
        var captured = Nets.Random([6, 3], 1, requiresGradient: true);
        var teacher = Nets.Mlp(3, 4, 9);
        var layer = new Lambda(x =>
        {
            Tensor target;
            using (NoGrad.Begin())
                target = teacher.Call(x);
            // An operation with a derivative that ends in Detach(), and one without.
            return (x * target * captured.Detach() * (captured * 2).Detach()) + captured.Greater(0).To(DType.Float64);
        });
        var x = Nets.Random([6, 3], 2, requiresGradient: true);
        (double[], double[]?[]) Run(MemoryMode mode)
        {
            using var use = RandomSource.Use(new RandomSource(5));
            var net = Net(new Sequential(layer, new Normed(3), new DroppedTanh()), layer);
            net.Memory = mode;
            var (output, gradients) = Nets.Run(net, x);
            // Looking twice moves statistics and random numbers once.
            return ([.. output, .. net.Buffers().SelectMany(b => b.Values()), RandomSource.Current.State.Offset], gradients);
        }

        Nets.AssertSame(Run(reversible), Run(MemoryMode.Store), reversible == MemoryMode.Exact ? 0 : 1e-12);
        Assert.That(captured.Gradient, Is.Null);
    }

    [Test]
    public void Nothing_is_refused_where_nothing_is_recorded()
    {
        using var scope = TensorScope.Begin();
        var captured = Nets.Random([1, 3], 1, requiresGradient: true);
        var net = Net(new Lambda(x => x * captured));
        using var noGrad = NoGrad.Begin();
        Assert.That(() => net.Call(Nets.Random([2, 3], 2)), Throws.Nothing);
    }

    private MomentumNet Net(params Module[] layers) => new(layers, 0.9, reversible)
    {
        Grid = reversible == MemoryMode.Exact ? ExactGrid.Default : null,
    };
}
