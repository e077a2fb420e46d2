namespace MomentumCore.Tests.Engine.Ops;

/// <summary>What poolings promise beyond their values: ties, NaN, padding and messages.</summary>
[TestFixture]
internal sealed class PoolingTests
{
    [Test]
    public void The_first_of_equal_maxima_gets_the_whole_gradient()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.Zeros([1, 1, 2, 4]);
        x.RequiresGradient = true;
        x.MaxPool2d(2).Sum().Backward();
        Assert.That(x.Gradient!.ToArray<float>(), Is.EqualTo(new float[] { 1, 0, 1, 0, 0, 0, 0, 0 }));
    }

    [Test]
    public void A_NaN_wins_its_window_only()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From([1f, float.NaN, 3f, 4f], [1, 1, 4]);
        Assert.That(x.MaxPool2d((1, 2)).ToArray<float>(), Is.EqualTo(new[] { float.NaN, 4f }));
    }

    [Test]
    public void Padding_loses_against_negative_numbers()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.Full([1, 2, 2], -5);
        Assert.That(x.MaxPool2d(2, 2, 1).ToArray<float>(), Is.All.EqualTo(-5));
    }

    [Test]
    public void A_window_of_padding_alone_gives_minus_infinity_and_no_gradient()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.Ones([1, 1, 2, 2]);
        x.RequiresGradient = true;
        var y = x.MaxPool2d(2, 1, 1, 3);
        y.Sum().Backward();
        Assert.That(y.ToArray<float>(), Is.EqualTo(new[] { float.NegativeInfinity }));
        Assert.That(x.Gradient!.ToArray<float>(), Is.All.EqualTo(0));
    }

    [Test]
    public void Wrong_settings_say_what_was_wanted()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.Zeros([1, 1, 4, 4]);
        Assert.That(
            () => x.MaxPool2d(2, padding: 2),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("at most half of the kernel (2, 2)"));
        Assert.That(() => x.AvgPool2d(0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => x.AvgPool2d(5), Throws.TypeOf<ShapeException>().With.Message.Contains("kernel of height 5"));
        Assert.That(() => x.AdaptiveAvgPool2d((0, 1)), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => Tensor.Zeros([4, 4]).MaxPool2d(2), Throws.TypeOf<ShapeException>().With.Message.Contains("[4, 4]"));
        Assert.That(() => Tensor.Zeros([1, 1, 0, 4]).AdaptiveMaxPool2d(1), Throws.TypeOf<ShapeException>());
    }
}
