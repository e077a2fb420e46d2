namespace MomentumCore.Tests.Engine.Autograd;

/// <summary>The public check of derivatives: passes right ones, catches wrong ones and says where.</summary>
[TestFixture]
internal sealed class GradientCheckTests
{
    [Test]
    public void Right_derivatives_pass()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From([0.5f, -1, 2, 1.5f, 0.1f, -0.3f], [2, 3]);
        var y = Tensor.From([1f, 2, 3], [3]);
        Assert.That(() => Gradients.Check(t => (t[0] * t[1]).Tanh() + t[1].Exp(), [x, y]), Throws.Nothing);
        var index = Tensor.From([1L, 0], [2, 1]);
        Assert.That(() => Gradients.Check(t => t[0].Gather(1, t[1]), [x, index]), Throws.Nothing);
        Assert.That(x.Gradient, Is.Null);
        Assert.That(x.RequiresGradient, Is.False);
    }

    [Test]
    public void A_wrong_derivative_is_caught_with_input_element_and_both_values()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From([1.0, 2], [1, 2]);
        var error = Assert.Throws<GradientException>(() =>
            Gradients.Check(t => new WrongProduct().Apply(t[0], t[1]), [x, x + 1]))!;
        Assert.That(error.Message, Does.Contain("input 1 (shape [1, 2]) is wrong at 1 of 2 elements"));
        Assert.That(error.Message, Does.Contain("element [0, 1]: backward gives"));
        Assert.That(error.Message, Does.Contain("central differences give"));
    }

    [Test]
    public void A_derivative_that_is_NaN_is_caught()
    {
        using var scope = TensorScope.Begin();
        Assert.That(
            () => Gradients.Check(t => new NaNDerivative().Apply(t[0]), [Tensor.From(1.0)]),
            Throws.TypeOf<GradientException>().With.Message.Contains("backward gives NaN"));
    }

    [Test]
    public void An_input_without_influence_has_derivative_zero()
    {
        using var scope = TensorScope.Begin();
        Assert.That(() => Gradients.Check(t => t[0] * 2, [Tensor.From(1.0), Tensor.From(5.0, 6.0)]), Throws.Nothing);
        Assert.That(
            () => Gradients.Check(t => (t[0] * 2) + t[1].Detach(), [Tensor.From(1.0), Tensor.From(5.0)]),
            Throws.TypeOf<GradientException>().With.Message.Contains("input 1"),
            "Detach hides an influence that is there");
    }

    [Test]
    public void Second_derivatives_are_checked_through_the_first()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From(0.3, -0.7);
        Assert.That(
            () => Gradients.Check(t => Gradients.Of([t[0].Tanh().Sum()], [t[0]], createGraph: true)[0], [x]),
            Throws.Nothing);
    }

    [Test]
    public void A_function_that_changes_by_itself_or_in_float_is_refused()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From(1.0);
        int calls = 0;
        Assert.That(
            () => Gradients.Check(t => t[0] * ++calls, [x]),
            Throws.TypeOf<GradientException>().With.Message.Contains("different results"));
        Assert.That(
            () => Gradients.Check(t => t[0].To(DType.Float32), [x]),
            Throws.TypeOf<DTypeException>().With.Message.Contains("Float32"));
        Assert.That(() => Gradients.Check(t => t[0].Detach(), [x]), Throws.TypeOf<GradientException>());
        Assert.That(() => Gradients.Check(t => t[0], [x], step: 0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Nothing_stays_in_memory()
    {
        var device = new CpuDevice(1);
        using (var scope = TensorScope.Begin())
        {
            var x = Tensor.Full([5], 0.5, DType.Float64, device);
            long before = device.Memory.LiveBytes;
            Gradients.Check(t => t[0].Tanh().Exp(), [x]);
            Assert.That(device.Memory.LiveBytes, Is.EqualTo(before));
        }

        Assert.That(device.Memory.LiveBytes, Is.Zero);
    }

    /// <summary>a · b whose derivative for b is wrong in the last element.</summary>
    private sealed class WrongProduct : Op
    {
        protected override Tensor Forward(Tensor[] inputs)
        {
            Keep(inputs[0], inputs[1]);
            return inputs[0] * inputs[1];
        }

        protected override Tensor?[] Backward(Tensor outputGradient) =>
            [outputGradient * Kept(1), outputGradient * Kept(0) * Tensor.From([1, 1.001], [2])];
    }

    private sealed class NaNDerivative : Op
    {
        protected override Tensor Forward(Tensor[] inputs) => inputs[0] * 2;

        protected override Tensor?[] Backward(Tensor outputGradient) => [outputGradient * double.NaN];
    }
}
