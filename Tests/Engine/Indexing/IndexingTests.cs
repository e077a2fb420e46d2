using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Indexing;

/// <summary>Indices: order of additions, ranges, types, errors.</summary>
[TestFixture]
internal sealed class IndexingTests
{
    [TestCaseSource(nameof(BadIndices))]
    public void A_bad_index_is_named_with_its_place_and_the_bound(string message, Func<Tensor> call)
    {
        using var scope = TensorScope.Begin();
        Assert.That(() => call(), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains(message));
    }

    [Test]
    public void Float_indices_are_refused()
    {
        using var scope = TensorScope.Begin();
        Assert.That(
            () => Tensor.Zeros([3]).Gather(0, Tensor.From(1f)),
            Throws.TypeOf<DTypeException>().With.Message.Contains("indices must be Int64 or Int32; got Float32"));
    }

    [Test]
    public void Int32_indices_do_as_well()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From(5f, 6, 7);
        Assert.That(x.Gather(0, Tensor.From(2, 0)).Values(), Is.EqualTo(new double[] { 7, 5 }));
        Assert.That(x.IndexSelect(0, Tensor.From(1)).Values(), Is.EqualTo(new double[] { 6 }));
        Assert.That(Tensor.From(1, 0).OneHot(2, DType.Int32).ToArray<int>(), Is.EqualTo(new[] { 0, 1, 1, 0 }));
    }

    [Test]
    public void Integers_are_gathered_scattered_and_padded()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From([1L, 2, 3, 4], [2, 2]);
        var index = Tensor.From([1L, 1, 0, 1], [2, 2]);
        Assert.That(x.Gather(1, index).ToArray<long>(), Is.EqualTo(new long[] { 2, 2, 3, 4 }));
        Assert.That(x.ScatterAdd(0, index, x).ToArray<long>(), Is.EqualTo(new long[] { 4, 2, 4, 10 }));
        Assert.That(x.IndexSelect(1, Tensor.From(1L)).ToArray<long>(), Is.EqualTo(new long[] { 2, 4 }));
        Assert.That(x.Pad([(0, 0), (1, 0)], 9).ToArray<long>(), Is.EqualTo(new long[] { 9, 1, 2, 9, 3, 4 }));
        Assert.That(x.Triu().ToArray<long>(), Is.EqualTo(new long[] { 1, 2, 0, 4 }));
        Assert.That(x.Flip(1).CumSum(0).ToArray<long>(), Is.EqualTo(new long[] { 2, 1, 6, 4 }));
    }

    [Test]
    public void Scattering_onto_one_place_adds_in_order_on_any_number_of_threads()
    {
        var random = new Random(1);
        float[] values = [.. Enumerable.Range(0, 3000 * 130).Select(_ => (float)random.NextDouble())];
        long[] rows = [.. Enumerable.Range(0, 3000).Select(_ => (long)random.Next(3))];
        var expected = new float[3 * 130];
        for (int row = 0; row < 3000; row++)
        {
            for (int column = 0; column < 130; column++)
                expected[(rows[row] * 130) + column] += values[(row * 130) + column];
        }

        foreach (int threads in new[] { 1, 2, 3 })
        {
            using var scope = TensorScope.Begin();
            var device = new CpuDevice(threads);
            var table = Tensor.Zeros([3, 130], device: device);
            table.RequiresGradient = true;
            var source = Tensor.From(values, [3000, 130], device);
            table.Embedding(Tensor.From(rows, [3000], device)).Backward(source);
            Assert.That(table.Gradient!.ToArray<float>(), Is.EqualTo(expected), "embedding");

            var index = Tensor.From(rows, [3000, 1], device).Expand([3000, 130]);
            Assert.That(table.Detach().ScatterAdd(0, index, source).ToArray<float>(), Is.EqualTo(expected), "scatter");
        }
    }

    [Test]
    public void Embedding_looks_up_rows_in_the_shape_of_the_indices()
    {
        using var scope = TensorScope.Begin();
        var table = Tensor.From([0.0, 1, 10, 11, 20, 21], [3, 2]);
        var indices = Tensor.From([2L, 0, 1, 2], [2, 2]);
        var y = table.Embedding(indices);
        Assert.That(y.Shape, Is.EqualTo(Shape.Create([2, 2, 2])));
        Assert.That(y.Values(), Is.EqualTo(new double[] { 20, 21, 0, 1, 10, 11, 20, 21 }));
        Assert.That(table.Embedding(Tensor.From([1L], [])).Values(), Is.EqualTo(new double[] { 10, 11 }));
        Gradients.Check(t => t[0].Embedding(t[1]).Square(), [table, indices]);
        Assert.That(
            () => table[0].Embedding(indices), Throws.TypeOf<ShapeException>().With.Message.Contains("[rows, width]"));
    }

    [Test]
    public void Composites_have_their_values()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From([1.0, 2, 3, 4, 5, 6], [2, 3]);
        Assert.That(x.Roll(1, 1).Values(), Is.EqualTo(new double[] { 3, 1, 2, 6, 4, 5 }));
        Assert.That(x.Roll(-4, 1).Values(), Is.EqualTo(new double[] { 2, 3, 1, 5, 6, 4 }));
        Assert.That(
            () => Tensor.Stack([x, null!]), Throws.ArgumentNullException.With.Message.Contains("tensor 1 is null"));
        Assert.That(
            () => Tensor.Stack([null!]), Throws.ArgumentNullException.With.Message.Contains("tensor 0 is null"));
        Assert.That(Tensor.Stack([x, -x], -1).Values()[..4], Is.EqualTo(new double[] { 1, -1, 2, -2 }));
        Assert.That(x.Chunk(2, 1).Select(c => c.Shape[1]), Is.EqualTo(new[] { 2, 1 }));
        Assert.That(x.Split(2, 1)[1].Values(), Is.EqualTo(new double[] { 3, 6 }));
        Assert.That(x.CumSum(1).Values(), Is.EqualTo(new double[] { 1, 3, 6, 4, 9, 15 }));
    }

    [TestCaseSource(nameof(BadShapes))]
    public void Shapes_that_do_not_fit_are_explained(string message, Func<Tensor, Tensor> call)
    {
        using var scope = TensorScope.Begin();
        Assert.That(() => call(Tensor.Zeros([2, 3])), Throws.TypeOf<ShapeException>().With.Message.Contains(message));
    }

    private static IEnumerable<TestCaseData> BadIndices()
    {
        static TestCaseData Case(string message, Func<Tensor> call) =>
            new TestCaseData(message, call).SetArgDisplayNames(message);
        yield return Case(
            "Gather: index 3 at [1, 0] is outside axis 1 of shape [2, 3] of size 3; valid are 0 to 2",
            () => Tensor.Zeros([2, 3]).Gather(1, Tensor.From([0L, 3], [2, 1])));
        yield return Case(
            "IndexSelect: index -1 at [0] is outside axis 0",
            () => Tensor.Zeros([2, 3]).IndexSelect(0, Tensor.From(-1L)));
        yield return Case(
            "IndexSelect: index 9223372036854775807 at [1]",
            () => Tensor.Zeros([4, 3]).Embedding(Tensor.From(0, long.MaxValue)));
        yield return Case(
            "ScatterAdd: index 2 at [0, 1] is outside axis 0",
            () => Tensor.Zeros([2, 3]).ScatterAdd(0, Tensor.From([0L, 2, 0], [1, 3]), Tensor.Zeros([1, 3])));
        yield return Case(
            "OneHot: index 5 at [] is outside the classes of size 5", () => Tensor.From([5L], []).OneHot(5));
        yield return Case("which has no elements", () => Tensor.Zeros([0]).Gather(0, Tensor.From(0L)));
    }

    private static IEnumerable<TestCaseData> BadShapes()
    {
        static TestCaseData Case(string message, Func<Tensor, Tensor> call) =>
            new TestCaseData(message, call).SetArgDisplayNames(message);
        var vector = Tensor.From(0L, 1);
        var large = Tensor.From([0L, 0, 0], [3, 1]);
        yield return Case("index has shape [2], the tensor [2, 3]", x => x.Gather(1, vector));
        yield return Case("larger than [2, 3] along axis 0", x => x.Gather(1, large));
        yield return Case("the index must be a vector; got shape [3, 1]", x => x.IndexSelect(0, large));
        yield return Case("source has shape [2, 3], index [3, 1]", x => x.ScatterAdd(0, large, x));
        yield return Case("only axis 0 may differ", x => x.ScatterAdd(0, large, Tensor.Zeros([3, 1])));
        yield return Case("at most one pair for each of its 2 axes", x => x.Pad([(1, 1), (1, 1), (1, 1)]));
        yield return Case("amounts must be 0 or more; got (0, -1). Slice takes elements away", x => x.Pad([(0, -1)]));
        yield return Case("axis 1 would grow to 2,147,483,650", x => x.Pad([(int.MaxValue, 0)]));
        yield return Case("Tril: wants a matrix", x => x[0].Tril());
        yield return Case("axis 1 is named twice", x => x.Flip(1, 1));
        yield return Case("There is no axis 2", x => x.CumSum(2));
    }
}
