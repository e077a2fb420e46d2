using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Autograd;

/// <summary>The reverse pass: accumulation, freeing, depth, versions, hooks.</summary>
[TestFixture]
internal sealed class BackwardTests
{
    [Test]
    public void A_value_used_twice_gets_the_sum_of_both_gradients()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From(3f);
        x.RequiresGradient = true;
        (x * x + x).Sum().Backward();
        Assert.That(x.Gradient!.Item(), Is.EqualTo(7));
    }

    [Test]
    public void Backward_twice_accumulates_and_ZeroGradient_forgets()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From(2.0, 5.0);
        x.RequiresGradient = true;
        (x * 3).Sum().Backward();
        (x * 4).Sum().Backward();
        Assert.That(x.Gradient!.Values(), Is.EqualTo(new[] { 7.0, 7.0 }));
        x.ZeroGradient();
        Assert.That(x.Gradient, Is.Null);
    }

    [Test]
    public void Backward_through_a_freed_graph_says_how_to_keep_it()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From(2f);
        x.RequiresGradient = true;
        var y = (x * x).Sum();
        y.Backward();
        Assert.That(() => y.Backward(), Throws.TypeOf<GradientException>().With.Message.Contains("retainGraph: true"));
        Assert.That(x.Gradient!.Item(), Is.EqualTo(4));
    }

    [Test]
    public void A_graph_of_100000_ops_does_not_overflow_the_stack()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From(1.0);
        x.RequiresGradient = true;
        var y = x;
        for (int i = 0; i < 100_000; i++)
            y += x;
        y.Sum().Backward();
        Assert.That(x.Gradient!.Item(), Is.EqualTo(100_001));
    }

    [Test]
    public void Overwriting_a_kept_value_is_an_error_that_names_the_op()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From(2f);
        var w = Tensor.From(3f);
        w.RequiresGradient = true;
        var y = (w * x).Sum();
        x.Fill(5);
        Assert.That(
            () => y.Backward(),
            Throws.TypeOf<GradientException>().With.Message.Contains("Multiply").And.Message.Contains("overwritten"));
    }

    [Test]
    public void A_hook_may_replace_the_gradient_and_can_be_removed()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From(2f);
        x.RequiresGradient = true;
        var middle = x * 3;
        var removal = middle.RegisterHook(g => g * 10);
        (middle * 1).Sum().Backward();
        Assert.That(x.Gradient!.Item(), Is.EqualTo(30));
        x.ZeroGradient();
        middle = x * 3;
        removal = middle.RegisterHook(g => g * 10);
        removal.Dispose();
        middle.Sum().Backward();
        Assert.That(x.Gradient!.Item(), Is.EqualTo(3));
    }

    [Test]
    public void Anomaly_mode_names_the_op_whose_derivative_made_a_NaN()
    {
        using var scope = TensorScope.Begin();
        using var anomaly = AnomalyMode.Begin();
        var x = Tensor.From(float.PositiveInfinity);
        x.RequiresGradient = true;
        var y = (x.Tanh() * Tensor.From(float.PositiveInfinity)).Sum();
        Assert.That(
            () => y.Backward(),
            Throws.TypeOf<GradientException>().With.Message.Contains("TanhBackward").Or.Message.Contains("Tanh"));
    }

    [Test]
    public void Gradients_Of_leaves_the_leaves_alone_and_reaches_intermediate_results()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From(2.0);
        x.RequiresGradient = true;
        var middle = x * x;
        var output = (middle * middle).Sum();
        var g = Gradients.Of(output, middle, x);
        Assert.That(g[0].Item(), Is.EqualTo(8));
        Assert.That(g[1].Item(), Is.EqualTo(32));
        Assert.That(x.Gradient, Is.Null);
    }

    [Test]
    public void Backward_frees_what_it_has_used_and_a_scope_frees_the_rest()
    {
        var device = new CpuDevice(1);
        var x = Tensor.Full([1000], 0.5, device: device);
        x.RequiresGradient = true;
        long before = device.Memory.LiveBytes;
        for (int step = 0; step < 3; step++)
        {
            using var scope = TensorScope.Begin();
            var y = x;
            for (int i = 0; i < 10; i++)
                y = y.Tanh();
            y.Sum().Backward();
        }

        Assert.That(device.Memory.LiveBytes, Is.EqualTo(before + 4000), "only the gradient of x stays");
        x.Dispose();
        Assert.That(device.Memory.LiveBytes, Is.Zero);
    }

    [Test]
    public void NoGrad_records_nothing()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From(2f);
        x.RequiresGradient = true;
        using (NoGrad.Begin())
            Assert.That((x * x).RequiresGradient, Is.False);
        Assert.That((x * x).RequiresGradient, Is.True);
    }
}
