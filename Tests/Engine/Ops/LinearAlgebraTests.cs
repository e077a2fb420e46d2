namespace MomentumCore.Tests.Engine.Ops;

/// <summary>
/// What the matrix products promise beyond their values: messages, and bits that do not depend on the batch.
/// </summary>
[TestFixture]
internal sealed class LinearAlgebraTests
{
    [Test]
    public void MatMul_names_both_shapes_when_inner_sizes_differ()
    {
        using var scope = TensorScope.Begin();
        Assert.That(
            () => Tensor.Zeros([4, 3]).MatMul(Tensor.Zeros([5, 2])),
            Throws.TypeOf<ShapeException>().With.Message.EqualTo(
                "MatMul: inner sizes differ: left [4, 3], right [5, 2]; left columns (3) must equal right rows (5)."));
    }

    [Test]
    public void MatMul_refuses_scalars_mixed_types_and_stacks_that_do_not_broadcast()
    {
        using var scope = TensorScope.Begin();
        Assert.That(() => Tensor.Scalar(1).MatMul(Tensor.Zeros([1])), Throws.TypeOf<ShapeException>());
        Assert.That(
            () => Tensor.Zeros([2, 2]).MatMul(Tensor.Zeros([2, 2], DType.Float64)), Throws.TypeOf<DTypeException>());
        Assert.That(
            () => Tensor.Zeros([2, 3, 4]).MatMul(Tensor.Zeros([3, 4, 5])),
            Throws.TypeOf<ShapeException>().With.Message.StartsWith("MatMul: shapes [2] and [3] do not broadcast"));
    }

    [Test]
    public void Linear_names_the_size_it_wants()
    {
        using var scope = TensorScope.Begin();
        var weight = Tensor.Zeros([2, 3]);
        Assert.That(
            () => Tensor.Zeros([4, 5]).Linear(weight),
            Throws.TypeOf<ShapeException>().With.Message.Contains("last size of the input must be 3"));
        Assert.That(
            () => Tensor.Zeros([4, 3]).Linear(weight, Tensor.Zeros([3])),
            Throws.TypeOf<ShapeException>().With.Message.Contains("must be [2]"));
    }

    [Test]
    public void Dot_adds_the_products_and_refuses_matrices()
    {
        using var scope = TensorScope.Begin();
        Assert.That(Tensor.From(1.0, 2, 3).Dot(Tensor.From(4.0, 5, 6)).Item(), Is.EqualTo(32));
        Assert.That(() => Tensor.Zeros([2, 2]).Dot(Tensor.Zeros([2, 2])), Throws.TypeOf<ShapeException>());
        Assert.That(() => Tensor.Zeros([2]).Dot(Tensor.Zeros([3])), Throws.TypeOf<ShapeException>());
    }
}
