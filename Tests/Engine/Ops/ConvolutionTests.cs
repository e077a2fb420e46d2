namespace MomentumCore.Tests.Engine.Ops;

/// <summary>What convolutions promise beyond their values: sizes and messages.</summary>
[TestFixture]
internal sealed class ConvolutionTests
{
    [Test]
    public void ConvTranspose2d_reaches_the_sizes_that_a_stride_leaves_open_by_output_padding()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.Ones([1, 2, 4, 5]);
        var weight = Tensor.Ones([2, 3, 3, 3]);
        var plain = x.ConvTranspose2d(weight, stride: 2, padding: 1);
        var padded = x.ConvTranspose2d(weight, stride: 2, padding: 1, outputPadding: 1);
        Assert.That(plain.Shape, Is.EqualTo(Shape.Create([1, 3, 7, 9])));
        Assert.That(padded.Shape, Is.EqualTo(Shape.Create([1, 3, 8, 10])));
        // The added row sees the last input row through the last kernel row only: 2 channels, one tap of each.
        Assert.That(padded.ToArray<float>()[70], Is.EqualTo(2));
    }

    [Test]
    public void ConvTranspose2d_differentiates_where_output_padding_exceeds_the_stride()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.Ones([1, 1, 3, 3], DType.Float64);
        x.RequiresGradient = true;
        var y = x.ConvTranspose2d(Tensor.Ones([1, 1, 2, 2], DType.Float64), dilation: 2, outputPadding: 1);
        Assert.That(y.Shape, Is.EqualTo(Shape.Create([1, 1, 6, 6])));
        y.Sum().Backward();
        Assert.That(x.Gradient!.ToArray<double>(), Is.All.EqualTo(4));
    }

    [Test]
    public void Wrong_sizes_say_what_was_wanted()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.Zeros([1, 3, 4, 4]);
        Assert.That(
            () => x.Conv2d(Tensor.Zeros([2, 2, 3, 3])),
            Throws.TypeOf<ShapeException>()
                .With.Message.Contains("has 3 channels; weight [2, 2, 3, 3] with 1 group(s) wants 2"));
        Assert.That(
            () => x.Conv2d(Tensor.Zeros([2, 3, 5, 5])),
            Throws.TypeOf<ShapeException>()
                .With.Message.Contains("kernel of height 5 does not fit an input of height 4"));
        Assert.That(
            () => x.Conv2d(Tensor.Zeros([4, 1, 1, 1]), groups: 3),
            Throws.TypeOf<ShapeException>().With.Message.Contains("do not fall into 3 equal groups"));
        Assert.That(
            () => x.Conv2d(Tensor.Zeros([2, 3, 1, 1]), Tensor.Zeros([3])),
            Throws.TypeOf<ShapeException>().With.Message.Contains("must be [2]"));
        Assert.That(() => Tensor.Zeros([3, 4, 4]).Conv2d(Tensor.Zeros([2, 3, 1, 1])), Throws.TypeOf<ShapeException>());
        Assert.That(
            () => x.ConvTranspose2d(Tensor.Zeros([3, 1, 2, 2]), stride: 2, outputPadding: 2),
            Throws.TypeOf<ShapeException>().With.Message.Contains("must be below the stride (2)"));
    }

    [Test]
    public void Settings_outside_of_their_range_are_refused()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.Zeros([1, 2, 4, 4]);
        var weight = Tensor.Zeros([2, 2, 1, 1]);
        Assert.That(() => x.Conv2d(weight, stride: 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => x.Conv2d(weight, padding: (0, -1)), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => x.Conv2d(weight, dilation: 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => x.Conv2d(weight, groups: 0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }
}
