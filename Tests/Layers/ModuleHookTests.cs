using MomentumCore.Layers;

namespace MomentumCore.Tests.Layers;

/// <summary>Hooks see and may change what goes into and comes out of a module, forwards and backwards.</summary>
[TestFixture]
internal sealed class ModuleHookTests
{
    [Test]
    public void A_null_input_from_a_pre_hook_or_result_from_forward_names_the_module()
    {
        using var scope = TensorScope.Begin();
        using var layer = new Linear(2, 2);
        layer.RegisterForwardPreHook((_, _) => [null!]);
        Assert.That(
            () => layer.Call(Tensor.Ones([1, 2])),
            Throws.InvalidOperationException.With.Message.StartsWith("Linear: a pre-hook"));
        Assert.That(
            () => new ReturnsNull().Call(Tensor.Ones([1, 2])),
            Throws.InvalidOperationException.With.Message.StartsWith("ReturnsNull: Forward returned null"));
    }

    private sealed class ReturnsNull : Module
    {
        protected override Tensor Forward(Tensor x) => null!;
    }

    [Test]
    public void A_forward_pre_hook_may_replace_the_inputs_and_can_be_removed()
    {
        using var scope = TensorScope.Begin();
        using var module = new Scale(3);
        var x = Tensor.From(2f);
        var removal = module.RegisterForwardPreHook((_, inputs) => [inputs[0] * 10]);
        using var silent = module.RegisterForwardPreHook((_, inputs) => null);
        Assert.That(module.Call(x).Item(), Is.EqualTo(60));
        removal.Dispose();
        removal.Dispose();
        Assert.That(module.Call(x).Item(), Is.EqualTo(6));
    }

    [Test]
    public void Forward_hooks_run_in_order_and_may_replace_the_output()
    {
        using var scope = TensorScope.Begin();
        using var module = new Scale(3);
        var seen = new List<double>();
        var first = module.RegisterForwardHook((m, inputs, output) =>
        {
            Assert.That(m, Is.SameAs(module));
            seen.Add(inputs[0].Item());
            return output + 1;
        });
        using var second = module.RegisterForwardHook((_, _, output) =>
        {
            seen.Add(output.Item());
            return null;
        });
        Assert.That(module.Call(Tensor.From(2f)).Item(), Is.EqualTo(7));
        Assert.That(seen, Is.EqualTo(new[] { 2.0, 7.0 }));
        first.Dispose();
        Assert.That(module.Call(Tensor.From(2f)).Item(), Is.EqualTo(6));
    }

    [Test]
    public void A_forward_hook_may_hand_out_an_intermediate_result_of_a_chain()
    {
        using var net = new Sequential(new Scale(3), new Tanh());
        Tensor? seen = null;
        using var hook = net[0].RegisterForwardHook((_, _, output) =>
        {
            seen = TensorScope.TakeOut(output);
            return null;
        });
        using (TensorScope.Begin())
            net.Call(Tensor.From(2f));
        Assert.That(seen!.Item(), Is.EqualTo(6));
        seen.Dispose();
    }

    [Test]
    public void A_full_backward_hook_sees_both_gradients_and_may_replace_those_of_the_inputs()
    {
        using var scope = TensorScope.Begin();
        using var module = new Scale(3);
        var x = Tensor.From(2f);
        x.RequiresGradient = true;
        double input = 0, output = 0;
        var removal = module.RegisterFullBackwardHook((m, inputs, g) =>
        {
            Assert.That(m, Is.SameAs(module));
            (input, output) = (inputs[0]!.Item(), g.Item());
            return [inputs[0]! * 100];
        });

        (module.Call(x) * 5).Backward();
        Assert.That((input, output), Is.EqualTo((15.0, 5.0)));
        Assert.That(x.Gradient!.Item(), Is.EqualTo(1500));
        Assert.That(module.Weight.Gradient!.Item(), Is.EqualTo(10), "the parameters' gradients are not touched");

        removal.Dispose();
        x.ZeroGradient();
        (module.Call(x) * 5).Backward();
        Assert.That(x.Gradient!.Item(), Is.EqualTo(15));
    }

    [Test]
    public void A_full_backward_hook_runs_without_an_input_that_requires_a_gradient()
    {
        using var scope = TensorScope.Begin();
        using var module = new Scale(3);
        int runs = 0;
        using var removal = module.RegisterFullBackwardHook((_, inputs, g) =>
        {
            runs++;
            Assert.That(inputs, Is.EqualTo(new Tensor?[] { null }));
            return null;
        });
        (module.Call(Tensor.From(2f)) * 5).Backward();
        Assert.That(runs, Is.EqualTo(1));
        Assert.That(module.Weight.Gradient!.Item(), Is.EqualTo(10));
    }

    [Test]
    public void A_full_backward_hook_that_returns_the_wrong_number_or_shape_is_an_error()
    {
        using var scope = TensorScope.Begin();
        using var module = new Scale(3);
        var x = Tensor.From(2f);
        x.RequiresGradient = true;
        using (module.RegisterFullBackwardHook((_, _, g) => [g, g]))
            Assert.That(
                () => module.Call(x).Backward(),
                Throws.TypeOf<GradientException>().With.Message.Contains("2 gradients for 1 inputs"));
        using (module.RegisterFullBackwardHook((_, _, g) => [Tensor.Zeros([3])]))
            Assert.That(() => module.Call(x).Backward(), Throws.TypeOf<ShapeException>().With.Message.Contains("[3]"));
    }

    [Test]
    public void A_backward_for_the_parameters_alone_leaves_no_memory_behind()
    {
        var device = new CpuDevice(1);
        using var module = new Scale(Tensor.Ones([100], device: device));
        using var hook = module.RegisterFullBackwardHook((_, _, _) => null);
        using var x = Tensor.Ones([100], device: device);
        x.RequiresGradient = true;
        long before = device.Memory.LiveBytes;
        using (TensorScope.Begin())
            Assert.That(Gradients.Of(module.Call(x).Sum(), module.Weight)[0].ToArray<float>(), Is.All.EqualTo(1));
        Assert.That(device.Memory.LiveBytes, Is.EqualTo(before));
    }

    [Test]
    public void Hooks_leave_no_memory_behind()
    {
        var device = new CpuDevice(1);
        using var module = new Scale(Tensor.Ones([100], device: device));
        using var pre = module.RegisterForwardPreHook((_, inputs) => [inputs[0] + 1]);
        using var forward = module.RegisterForwardHook((_, _, output) => output * 2);
        using var backward = module.RegisterFullBackwardHook((_, inputs, _) => [inputs[0]! * 2]);
        using var x = Tensor.Ones([100], device: device);
        x.RequiresGradient = true;
        long before = device.Memory.LiveBytes;
        for (int i = 0; i < 3; i++)
        {
            using var scope = TensorScope.Begin();
            module.Call(x).Sum().Backward();
            x.ZeroGradient();
            module.ZeroGradient();
        }

        Assert.That(device.Memory.LiveBytes, Is.EqualTo(before));
    }
}
