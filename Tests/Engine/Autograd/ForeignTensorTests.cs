namespace MomentumCore.Tests.Engine.Autograd;

/// <summary>
/// What users' operations and hooks hand to backward: their own tensors stay theirs, wrong ones are refused.
/// </summary>
[TestFixture]
internal sealed class ForeignTensorTests
{
    [Test]
    public void A_hook_may_return_the_same_tensor_every_time()
    {
        using var scope = TensorScope.Begin();
        var x = Leaf(1, 2);
        var constant = Tensor.From(5f, 5f);
        for (int i = 0; i < 3; i++)
        {
            var y = x * 2;
            y.RegisterHook(_ => constant);
            y.Sum().Backward();
        }

        Assert.That(x.Gradient!.ToArray<float>(), Is.EqualTo(new float[] { 30, 30 }));
        Assert.That(constant.ToArray<float>(), Is.EqualTo(new float[] { 5, 5 }));
    }

    [Test]
    public void A_tensor_that_a_hook_of_a_leaf_returns_is_not_added_to()
    {
        using var scope = TensorScope.Begin();
        var x = Leaf(1, 2);
        var constant = Tensor.From(5f, 5f);
        x.RegisterHook(_ => constant);
        for (int i = 0; i < 3; i++)
            (x * 2).Sum().Backward();
        Assert.That(x.Gradient!.ToArray<float>(), Is.EqualTo(new float[] { 15, 15 }));
        Assert.That(constant.ToArray<float>(), Is.EqualTo(new float[] { 5, 5 }));
    }

    [Test]
    public void An_operation_may_return_its_own_tensor_as_a_gradient()
    {
        using var scope = TensorScope.Begin();
        var x = Leaf(1, 2);
        var own = Tensor.From(5f, 6f);
        for (int i = 0; i < 2; i++)
            new Returns(_ => [own]).Apply(x).Sum().Backward();
        Assert.That(x.Gradient!.ToArray<float>(), Is.EqualTo(new float[] { 10, 12 }));
        Assert.That(own.ToArray<float>(), Is.EqualTo(new float[] { 5, 6 }));
    }

    [Test]
    public void A_gradient_of_another_shape_or_type_is_an_error_that_names_the_operation()
    {
        using var scope = TensorScope.Begin();
        Refuses(_ => [Tensor.Ones([7])]);
        Refuses(g => [g.Sum()]);
        Refuses(g => [g.To(DType.Float64)]);
        Refuses(g => [g, g]);
        Refuses(_ => null!);
    }

    [Test]
    public void A_hook_that_changes_the_type_is_refused()
    {
        using var scope = TensorScope.Begin();
        var x = Leaf(1, 2);
        x.RegisterHook(g => g.To(DType.Float64));
        Assert.That(() => (x * 2).Sum().Backward(), Throws.TypeOf<DTypeException>());
    }

    [Test]
    public void Null_in_place_of_a_tensor_names_the_operation()
    {
        using var scope = TensorScope.Begin();
        Assert.That(() => Tensor.Ones([2]) + (Tensor)null!, Throws.ArgumentNullException.With.Message.Contains("Add"));
        Assert.That(() => Gradients.Of([Leaf(1, 2).Sum()], [null!]), Throws.ArgumentNullException);
    }

    [Test]
    public void Backward_of_a_freed_result_says_that_it_was_freed()
    {
        using var scope = TensorScope.Begin();
        var y = Leaf(1, 2).Sum();
        y.Dispose();
        Assert.That(() => y.Backward(), Throws.TypeOf<ObjectDisposedException>());
    }

    private static void Refuses(Func<Tensor, Tensor?[]> gradients) => Assert.That(
        () => new Returns(gradients).Apply(Leaf(1, 2)).Sum().Backward(),
        Throws.TypeOf<GradientException>().With.Message.Contains("Returns"));

    private static Tensor Leaf(params float[] values)
    {
        var leaf = Tensor.From(values);
        leaf.RequiresGradient = true;
        return leaf;
    }

    private sealed class Returns(Func<Tensor, Tensor?[]> gradients) : Op
    {
        protected override Tensor Forward(Tensor[] inputs) => inputs[0] * 1;

        protected override Tensor?[] Backward(Tensor outputGradient) => gradients(outputGradient);
    }
}
