using MomentumCore.Layers;

namespace MomentumCore.Tests.Layers;

/// <summary>The module tree: registration, names, order, modes, calling.</summary>
[TestFixture]
internal sealed class ModuleTests
{
    [Test]
    public void Names_and_order_are_those_of_PyTorch()
    {
        using var net = new Sequential(new Scale(2), new Sequential(new Scale(3), new Tanh()));

        Assert.That(net.NamedParameters().Select(p => p.Name), Is.EqualTo(new[] { "0.weight", "1.0.weight" }));
        Assert.That(
            net.NamedParameters("net").Select(p => p.Name), Is.EqualTo(new[] { "net.0.weight", "net.1.0.weight" }));
        Assert.That(net.NamedParameters(recurse: false), Is.Empty);
        Assert.That(
            net.NamedBuffers().Select(p => p.Name),
            Is.EqualTo(new[] { "0.calls", "0.scratch", "1.0.calls", "1.0.scratch" }));
        Assert.That(net.NamedModules().Select(m => m.Name), Is.EqualTo(new[] { "", "0", "1", "1.0", "1.1" }));
        Assert.That(net.NamedChildren().Select(m => m.Name), Is.EqualTo(new[] { "0", "1" }));
        Assert.That(net.Modules().Count(), Is.EqualTo(5));
        Assert.That(net.Children(), Is.EqualTo(new[] { net[0], net[1] }));
        Assert.That(net.Parameters().Select(p => p.Item()), Is.EqualTo(new[] { 2.0, 3.0 }));
        Assert.That(net.Buffers().Count(), Is.EqualTo(4));
    }

    [Test]
    public void A_shared_module_is_reported_once_unless_duplicates_are_asked_for()
    {
        var shared = new Scale(2);
        using var net = new Sequential(shared, shared, new Scale(5));

        Assert.That(net.NamedParameters().Select(p => p.Name), Is.EqualTo(new[] { "0.weight", "2.weight" }));
        Assert.That(
            net.NamedParameters(removeDuplicates: false).Select(p => p.Name),
            Is.EqualTo(new[] { "0.weight", "1.weight", "2.weight" }));
        Assert.That(net.NamedChildren().Select(m => m.Name), Is.EqualTo(new[] { "0", "2" }));
        Assert.That(net.NamedModules(removeDuplicates: false).Count(), Is.EqualTo(4));
        Assert.That(net.NamedBuffers(removeDuplicates: false).Count(), Is.EqualTo(6));
    }

    [Test]
    public void A_parameter_shared_by_two_modules_is_reported_once()
    {
        using var first = new Scale(2);
        using var second = new Scale(first.Weight);
        using var net = new Sequential(first, second);
        Assert.That(net.NamedParameters().Select(p => p.Name), Is.EqualTo(new[] { "0.weight" }));
    }

    [Test]
    public void Paths_find_modules_parameters_and_buffers_and_say_what_is_there_instead()
    {
        using var net = new Sequential(new Tanh(), new Sequential(new Scale(3)));
        Assert.That(net.GetSubmodule("1.0"), Is.InstanceOf<Scale>());
        Assert.That(net.GetSubmodule(""), Is.SameAs(net));
        Assert.That(net.GetParameter("1.0.weight").Item(), Is.EqualTo(3));
        Assert.That(net.GetBuffer("1.0.calls").Item(), Is.Zero);
        Assert.That(
            () => net.GetSubmodule("1.2.x"),
            Throws.TypeOf<KeyNotFoundException>()
                .With.Message.EqualTo("Sequential has no submodule '2' (looking for '1.2.x'); it has 0."));
        Assert.That(
            () => net.GetParameter("1.0.bias"),
            Throws.TypeOf<KeyNotFoundException>()
                .With.Message.EqualTo("Scale has no parameter 'bias' (looking for '1.0.bias'); it has weight."));
        Assert.That(
            () => net.GetBuffer("mean"),
            Throws.TypeOf<KeyNotFoundException>()
                .With.Message.EqualTo("Sequential has no buffer 'mean'; it has none."));
    }

    [Test]
    public void Names_that_are_taken_empty_or_dotted_are_refused()
    {
        using var scope = TensorScope.Begin();
        using var module = new Scale(1);
        Assert.That(
            () => module.RegisterParameter("calls", null),
            Throws.ArgumentException.With.Message.Contains("already a buffer named 'calls'"));
        Assert.That(
            () => module.RegisterBuffer("weight", null),
            Throws.ArgumentException.With.Message.Contains("already a parameter named 'weight'"));
        Assert.That(
            () => module.AddModule("a.b", new Tanh()),
            Throws.ArgumentException.With.Message.Contains("contains a dot"));
        Assert.That(() => module.AddModule("", new Tanh()), Throws.ArgumentException);
        module.AddModule("child", new Tanh());
        Assert.That(
            () => module.RegisterParameter("child", null),
            Throws.ArgumentException.With.Message.Contains("already a submodule named 'child'"));
    }

    [Test]
    public void A_module_cannot_be_put_inside_itself()
    {
        using var inner = new Sequential();
        using var outer = new Sequential(inner);
        Assert.That(
            () => inner.AddModule("outer", outer),
            Throws.ArgumentException.With.Message.Contains("cannot contain itself"));
        Assert.That(
            () => inner.AddModule("self", inner),
            Throws.ArgumentException.With.Message.Contains("cannot contain itself"));
    }

    [Test]
    public void Train_and_Eval_reach_every_module()
    {
        using var net = new Sequential(new Tanh(), new Sequential(new Tanh()));
        Assert.That(net.Modules().All(m => m.IsTraining), Is.True);
        Assert.That(net.Eval(), Is.SameAs(net));
        Assert.That(net.Modules().Any(m => m.IsTraining), Is.False);
        net.Train();
        Assert.That(net.Modules().All(m => m.IsTraining), Is.True);
    }

    [Test]
    public void Apply_visits_children_before_their_parent()
    {
        using var net = new Sequential(new Tanh(), new Sequential(new Scale(1)));
        var visited = new List<string>();
        net.Apply(m => visited.Add(m.Name));
        Assert.That(visited, Is.EqualTo(new[] { "Tanh", "Scale", "Sequential", "Sequential" }));
    }

    [Test]
    public void ZeroGradient_and_RequiresGradient_reach_every_parameter()
    {
        using var scope = TensorScope.Begin();
        using var net = new Sequential(new Scale(2), new Scale(3));
        net.Call(Tensor.From(1f)).Backward();
        Assert.That(net.Parameters().Select(p => p.Gradient!.Item()), Is.EqualTo(new[] { 3.0, 2.0 }));
        net.ZeroGradient();
        Assert.That(net.Parameters().All(p => p.Gradient == null), Is.True);
        net.RequiresGradient(false);
        Assert.That(net.Call(Tensor.From(1f)).RequiresGradient, Is.False);
        net.RequiresGradient();
        Assert.That(net.Call(Tensor.From(1f)).RequiresGradient, Is.True);
    }

    [Test]
    public void A_module_without_Forward_or_with_too_many_inputs_says_so()
    {
        using var scope = TensorScope.Begin();
        using var empty = new Empty();
        using var tanh = new Tanh();
        var x = Tensor.From(1f);
        Assert.That(() => empty.Call(x), Throws.InvalidOperationException.With.Message.Contains("overrides neither"));
        Assert.That(() => tanh.Call(x, x), Throws.ArgumentException.With.Message.Contains("takes one input; got 2"));
    }

    [Test]
    public void The_printed_tree_shows_names_and_settings()
    {
        using var net = new Sequential(new Scale(2), new Sequential(new Tanh()));
        Assert.That(
            net.ToString(),
            Is.EqualTo("Sequential(\n  (0): Scale(one weight)\n  (1): Sequential(\n    (0): Tanh()\n  )\n)"));
    }

    [Test]
    public void A_call_frees_what_it_made_except_its_result()
    {
        var device = new CpuDevice(1);
        using var net = new Sequential(new Tanh(), new Tanh(), new Tanh(), new Tanh());
        using var x = Tensor.Ones([1000], device: device);
        device.Memory.ResetPeak();
        using var y = net.Call(x);
        Assert.That(device.Memory.LiveBytes, Is.EqualTo(8000));
        Assert.That(device.Memory.PeakBytes, Is.EqualTo(12000), "each result is freed as soon as the next is there");
        Assert.That(x.IsDisposed, Is.False);
    }

    [Test]
    public void What_passes_through_a_chain_unchanged_is_not_freed()
    {
        using var scope = TensorScope.Begin();
        using var net = new Sequential(new Pass(), new Pass(), new Tanh(), new Pass(), new Pass());
        var x = Tensor.From(1f);
        var y = net.Call(x);
        Assert.That(y.Item(), Is.EqualTo(Math.Tanh(1)).Within(1e-6));
        Assert.That(x.Item(), Is.EqualTo(1));
        using var through = new Sequential(new Pass());
        Assert.That(through.Call(x), Is.SameAs(x));
    }

    [Test]
    public void An_opened_scope_inside_Forward_does_not_upset_the_scopes_outside()
    {
        using var scope = TensorScope.Begin();
        using var module = new OpensScope();
        var y = module.Call(Tensor.From(1f));
        Task.Run(() => Assert.That(TensorScope.Current, Is.SameAs(scope))).Wait();
        Assert.That(y.Item(), Is.EqualTo(Math.Tanh(1)).Within(1e-6));
    }

    [Test]
    public void Dispose_frees_parameters_and_buffers()
    {
        var device = new CpuDevice(1);
        var net = new Sequential(new Scale(Tensor.Ones([10], device: device)), new Tanh());
        Assert.That(device.Memory.LiveBytes, Is.GreaterThan(0));
        net.Dispose();
        Assert.That(device.Memory.LiveBytes, Is.Zero);
    }

    [Test]
    public void Parameters_and_buffers_outlive_the_scope_they_were_made_in()
    {
        Scale module;
        using (TensorScope.Begin())
            module = new Scale(Tensor.From(4f));
        Assert.That(module.Weight.Item(), Is.EqualTo(4));
        Assert.That(module.GetBuffer("calls").Item(), Is.Zero);
        module.Dispose();
    }

    [Test]
    public void A_buffer_with_history_is_refused()
    {
        using var scope = TensorScope.Begin();
        using var module = new Empty();
        var x = Tensor.From(1f);
        x.RequiresGradient = true;
        Assert.That(
            () => module.RegisterBuffer("b", x * 2),
            Throws.TypeOf<GradientException>().With.Message.Contains("Detach"));
    }

    private sealed class Empty : Module;

    private sealed class Pass : Module
    {
        protected override Tensor Forward(Tensor x) => x;
    }

    private sealed class OpensScope : Module
    {
        protected override Tensor Forward(Tensor x)
        {
            using var scope = TensorScope.Begin();
            return scope.Keep(x.Tanh());
        }
    }
}
