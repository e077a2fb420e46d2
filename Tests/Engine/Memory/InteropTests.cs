using System.Numerics.Tensors;
using MomentumCore.Tests.Support;
using Tensor = MomentumCore.Engine.Tensor;

namespace MomentumCore.Tests.Engine.Memory;

/// <summary>
/// The ways from tensors to spans and arrays: without copies where possible, with clear errors where not.
/// </summary>
[TestFixture]
internal sealed class InteropTests
{
    [Test]
    public void AsSpan_is_the_memory_itself()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From([1f, 2, 3, 4], [2, 2]);
        x.AsSpan<float>()[3] = 9;
        Assert.That(x.Values(), Is.EqualTo(new double[] { 1, 2, 3, 9 }));
        Assert.That(x[1].AsSpan<float>().ToArray(), Is.EqualTo(new[] { 3f, 9 }));
        Assert.That(Tensor.Scalar(5).AsSpan<float>().ToArray(), Is.EqualTo(new[] { 5f }));
        Assert.That(Tensor.Zeros([2, 0]).AsSpan<float>().Length, Is.Zero);
    }

    [Test]
    public void AsSpan_refuses_gaps_and_other_types()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.Zeros([2, 3]);
        Assert.That(
            () => x.Transpose(0, 1).AsSpan<float>().Length,
            Throws.InvalidOperationException.With.Message.Contains("Contiguous()"));
        Assert.That(() => x.AsSpan<double>().Length, Throws.TypeOf<DTypeException>().With.Message.Contains("Float32"));
        Assert.That(() => x.AsSpan<byte>().Length, Throws.TypeOf<DTypeException>().With.Message.Contains("Byte"));
    }

    [Test]
    public void AsTensorSpan_of_a_whole_tensor_reads_and_writes_it()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From([1.0, 2, 3, 4, 5, 6], [2, 3]);
        var span = x.AsTensorSpan<double>();
        Assert.That(span.Lengths.ToArray(), Is.EqualTo(new nint[] { 2, 3 }));
        span[1, 2] = 60;
        Assert.That(x[1, 2].Item(), Is.EqualTo(60));
        Assert.That(System.Numerics.Tensors.Tensor.Sum<double>(span), Is.EqualTo(75));
    }

    [Test]
    public void AsTensorSpan_follows_the_strides_of_views()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From([.. Enumerable.Range(0, 24).Select(i => (float)i)], [2, 3, 4]);
        Tensor[] views =
        [
            x.Slice(2, 1, 4, 2), x.Slice(1, 1, 3), x.Select(0, 1), x[1, 1..], x.Slice(0, 1, 2), x.Unsqueeze(1),
            x[1, 2, 3], x.Select(2, 3), x.Slice(0, 1, 1), x.Slice(1, 0, 1).Expand([2, 3, 4]),
            Tensor.Scalar(3).Expand([2, 2]), Tensor.Zeros([0, 3]),
            x.Permute(2, 0, 1), x.Transpose(1, 2),
        ];
        foreach (var view in views)
        {
            string what = $"shape {view.Shape}, strides [{string.Join(", ", view.Strides.ToArray())}]";
            Assert.That(Flat(view.AsTensorSpan<float>()), Is.EqualTo(view.ToArray<float>()), what);
        }
    }

    [Test]
    public void A_scalar_is_a_tensor_span_of_one_element()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.Scalar(3);
        var span = x.AsTensorSpan<float>();
        Assert.That(span.Lengths.ToArray(), Is.EqualTo(new nint[] { 1 }));
        span[0] = 4;
        Assert.That(x.Item(), Is.EqualTo(4));
    }

    [Test]
    public void ToArray_copies_views_in_order()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From([1, 2, 3, 4, 5, 6], [2, 3]);
        int[] copy = x.Transpose(0, 1).ToArray<int>();
        Assert.That(copy, Is.EqualTo(new[] { 1, 4, 2, 5, 3, 6 }));
        copy[0] = 100;
        Assert.That(x[0, 0].Item(), Is.EqualTo(1));
        Assert.That(x.Slice(1, 1, 1).ToArray<int>(), Is.Empty);
        Assert.That(() => x.ToArray<long>(), Throws.TypeOf<DTypeException>().With.Message.Contains("To(DType.Int64)"));
    }

    [Test]
    public void Item_wants_one_element()
    {
        using var scope = TensorScope.Begin();
        Assert.That(Tensor.From([7L], [1, 1]).Item(), Is.EqualTo(7));
        Assert.That(() => Tensor.From(1f, 2).Item(), Throws.TypeOf<ShapeException>().With.Message.Contains("[2]"));
    }

    private static float[] Flat(TensorSpan<float> span)
    {
        var values = new float[span.FlattenedLength];
        span.FlattenTo(values);
        return values;
    }
}
