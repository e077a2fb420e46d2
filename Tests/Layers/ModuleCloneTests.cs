using MomentumCore.Layers;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Layers;

/// <summary>A copy of a module has its settings and values, and nothing else in common with it.</summary>
[TestFixture]
internal sealed class ModuleCloneTests
{
    [TestCaseSource(typeof(LayerCase), nameof(LayerCase.All))]
    public void A_copy_of_a_layer_prints_and_computes_what_the_layer_does(LayerCase test)
    {
        using var scope = TensorScope.Begin();
        using var layer = test.Make().Double().Eval();
        using var copy = layer.Clone();
        Assert.That(copy.ToString(), Is.EqualTo(layer.ToString()));
        foreach (var ((name, from), (_, to)) in layer.StateDict().Zip(copy.StateDict()))
        {
            Assert.That(to.Values(), Is.EqualTo(from.Values()), name);
            Assert.That(to.Storage, Is.Not.SameAs(from.Storage), name);
        }

        var x = Tensor.Rand(test.Input, DType.Float64);
        Assert.That(copy.Call(x).Values(), Is.EqualTo(layer.Call(x).Values()));
    }

    [Test]
    public void Training_a_copy_leaves_the_original_as_it_was()
    {
        using var scope = TensorScope.Begin();
        using var net = Net();
        double[] before = State(net);
        using var copy = net.Clone();
        using var optimizer = new Sgd(copy.Parameters(), 0.1);
        copy.Call(Tensor.Rand([4, 3])).Sum().Backward();
        optimizer.Step();
        Assert.That(State(net), Is.EqualTo(before));
        Assert.That(net.Parameters().All(p => p.Gradient == null), Is.True);
        Assert.That(State(copy), Is.Not.EqualTo(before));
    }

    [Test]
    public void A_copy_on_the_same_memory_is_trained_with_the_original()
    {
        using var scope = TensorScope.Begin();
        using var net = Net();
        using var copy = net.Clone(shareMemory: true);
        using var optimizer = new Sgd(copy.Parameters(), 0.1);
        double[] before = State(net);
        copy.Call(Tensor.Rand([4, 3])).Sum().Backward();
        optimizer.Step();
        Assert.That(State(net), Is.Not.EqualTo(before).And.EqualTo(State(copy)));
        Assert.That(net.Parameters().All(p => p.Gradient == null), Is.True, "gradients are the copy's own");
    }

    [Test]
    public void Mode_type_frozen_parameters_and_sharing_are_copied_hooks_are_not()
    {
        using var scope = TensorScope.Begin();
        var shared = new Linear(3, 3);
        using var net = new Sequential(shared, new BatchNorm1d(3), shared);
        net.Double().Eval();
        shared.Bias!.RequiresGradient = false;
        net[1].Train();
        int calls = 0;
        net.RegisterForwardHook((_, _, _) =>
        {
            calls++;
            return null;
        });

        using var copy = (Sequential)net.Clone();
        copy.Call(Tensor.Rand([2, 3], DType.Float64));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(calls, Is.Zero);
            Assert.That(copy[0], Is.SameAs(copy[2]).And.Not.SameAs(shared));
            Assert.That(copy.Modules().Select(m => m.IsTraining), Is.EqualTo(net.Modules().Select(m => m.IsTraining)));
            Assert.That(copy.Parameters().All(p => p.DType == DType.Float64), Is.True);
            Assert.That(((Linear)copy[0]).Bias!.RequiresGradient, Is.False);
        }
    }

    [Test]
    public void Copying_draws_nothing_from_the_callers_random_numbers()
    {
        using var scope = TensorScope.Begin();
        using var net = Net();
        using var random = RandomSource.Use(new RandomSource(7));
        var before = RandomSource.Current.State;
        net.Clone().Dispose();
        Assert.That(RandomSource.Current.State, Is.EqualTo(before));
    }

    [Test]
    public void A_module_that_does_not_say_how_to_make_another_is_refused_with_the_line_to_add()
    {
        using var scale = new Scale(2);
        Assert.That(
            () => scale.Clone(),
            Throws.InvalidOperationException.With.Message.Contains("Scale: does not say")
                .And.Message.Contains("public override Module NewLike() => new Scale(…);"));
    }

    [Test]
    public void What_differs_from_the_original_is_named()
    {
        using var wrong = new Forgetful(5);
        Assert.That(
            () => wrong.Clone(),
            Throws.InvalidOperationException.With.Message.Contains("Forgetful").And.Message.Contains("'inner.weight'")
                .And.Message.Contains("[5, 5]").And.Message.Contains("[1, 1]"));
    }

    private static Sequential Net() =>
        new(new Linear(3, 4), new BatchNorm1d(4), new Sequential(("last", new Linear(4, 2))));

    private static double[] State(Module module) => [.. module.StateDict().Values.SelectMany(t => t.Values())];

    /// <summary>Makes others of another size.</summary>
    private sealed class Forgetful : Module
    {
        public Forgetful(int size) => RegisterModule("inner", new Linear(size, size));

        public override Module NewLike() => new Forgetful(1);
    }
}
