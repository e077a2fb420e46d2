using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine;

/// <summary>Tensors made from nothing: ranges, identity, fills.</summary>
[TestFixture]
internal sealed class CreationTests
{
    private static readonly DType[] AllTypes = Enum.GetValues<DType>();

    [TestCaseSource(nameof(AllTypes))]
    public void Arange_counts_up_to_but_not_including_the_end(DType dtype)
    {
        using var scope = TensorScope.Begin();
        var y = Tensor.Arange(2, 9, 3, dtype);
        Assert.That(y.DType, Is.EqualTo(dtype));
        Assert.That(y.Values(), Is.EqualTo(new double[] { 2, 5, 8 }));
        Assert.That(Tensor.Arange(3, 0, -1, dtype).Values(), Is.EqualTo(new double[] { 3, 2, 1 }));
        Assert.That(Tensor.Arange(3, 3, 1, dtype).Shape, Is.EqualTo(Shape.Create([0])));
    }

    [Test]
    public void Arange_that_never_ends_or_is_too_long_is_refused()
    {
        Assert.That(() => Tensor.Arange(0, 1, 0), Throws.ArgumentException.With.Message.Contains("never ends"));
        Assert.That(() => Tensor.Arange(0, 1, -1), Throws.ArgumentException.With.Message.Contains("never ends"));
        Assert.That(() => Tensor.Arange(0, double.NaN), Throws.ArgumentException);
        Assert.That(() => Tensor.Arange(0, 1e12), Throws.TypeOf<ShapeException>());
        Assert.That(
            () => Tensor.Arange(0, 3, 0.5, DType.Int32),
            Throws.TypeOf<DTypeException>().With.Message.Contains("0.5"));
    }

    [TestCase(DType.Float32)]
    [TestCase(DType.Float64)]
    public void Linspace_holds_both_ends_exactly(DType dtype)
    {
        using var scope = TensorScope.Begin();
        double[] y = Tensor.Linspace(0.25, 7.75, 31, dtype).Values();
        Assert.That(y[0], Is.EqualTo(0.25));
        Assert.That(y[^1], Is.EqualTo(7.75));
        Assert.That(y.Zip(y.Skip(1), (a, b) => b - a), Is.All.EqualTo(0.25));
        Assert.That(Tensor.Linspace(3, 5, 1, dtype).Values(), Is.EqualTo(new double[] { 3 }));
        Assert.That(Tensor.Linspace(3, 5, 0, dtype).Values(), Is.Empty);
    }

    [TestCaseSource(nameof(AllTypes))]
    public void Eye_has_ones_on_its_diagonal(DType dtype)
    {
        using var scope = TensorScope.Begin();
        Assert.That(Tensor.Eye(2, 3, dtype).Values(), Is.EqualTo(new double[] { 1, 0, 0, 0, 1, 0 }));
        Assert.That(Tensor.Eye(0, dtype: dtype).Shape, Is.EqualTo(Shape.Create([0, 0])));
    }

    [TestCaseSource(nameof(AllTypes))]
    public void Full_fills_every_type(DType dtype)
    {
        using var scope = TensorScope.Begin();
        Assert.That(Tensor.Full([2, 2], -3, dtype).Values(), Is.All.EqualTo(-3));
    }
}
