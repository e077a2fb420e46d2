using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Views;

/// <summary>
/// Views are views: shared memory, right strides, derivatives through chains of them, errors that teach.
/// </summary>
[TestFixture]
internal sealed class ViewTests
{
    [Test]
    public void Views_share_memory_with_their_source()
    {
        using var scope = TensorScope.Begin();
        var x = Counting(2, 3, 4);
        Tensor[] views =
        [
            x.Permute(2, 0, 1), x.Transpose(0, -1), x.Slice(1, 0, 3, 2), x.Select(2, 1),
            x.Unsqueeze(1), x.Reshape(6, 4), x.Flatten(1),
            x[1, 1..], x.Expand([2, 2, 3, 4]), x.Split(2, axis: 2)[1], x.Chunk(2)[0], x.Slice(0, 1, 2).Squeeze(0),
        ];
        using (NoGrad.Begin())
            x.Fill(7);
        foreach (var view in views)
            Assert.That(view.Values(), Is.All.EqualTo(7), view.Shape.ToString());
    }

    [Test]
    public void Strides_and_shapes_are_those_of_numpy()
    {
        using var scope = TensorScope.Begin();
        var x = Counting(2, 3, 4);
        AssertView(x.Permute(2, 0, 1), [4, 2, 3], [1, 12, 4]);
        AssertView(x.Transpose(0, 1), [3, 2, 4], [4, 12, 1]);
        AssertView(x.Slice(2, 1, 4, 2), [2, 3, 2], [12, 4, 2]);
        AssertView(x.Slice(1, -2, 3), [2, 2, 4], [12, 4, 1]);
        AssertView(x.Select(1, -1), [2, 4], [12, 1]);
        AssertView(x.Slice(1, 0, 3, 2).Reshape(2, 2, 2, 2), [2, 2, 2, 2], [12, 8, 2, 1]);
        AssertView(x.Transpose(0, 2).Unsqueeze(0).Squeeze(), [4, 3, 2], [1, 4, 12]);
        AssertView(x.Flatten(0, 1), [6, 4], [4, 1]);
        Assert.That(x.Select(1, -1).Values(), Is.EqualTo(new double[] { 8, 9, 10, 11, 20, 21, 22, 23 }));
    }

    [Test]
    public void Reshape_copies_only_where_it_must()
    {
        using var scope = TensorScope.Begin();
        var x = Counting(2, 3, 4);
        Assert.That(SharesMemory(x, x.Transpose(0, 1).Reshape(3, 2, 2, 2)), Is.True);
        Assert.That(SharesMemory(x, x.Transpose(0, 1).Reshape(6, 4)), Is.False);
        double[] start = x.Transpose(0, 1).Reshape(6, 4).Values()[..8];
        Assert.That(start, Is.EqualTo(new double[] { 0, 1, 2, 3, 12, 13, 14, 15 }));
    }

    [Test]
    public void The_indexer_takes_indices_ranges_new_axes_and_the_rest()
    {
        using var scope = TensorScope.Begin();
        var x = Counting(2, 3, 4);
        Assert.That(x[1].Shape, Is.EqualTo(Shape.Create([3, 4])));
        Assert.That(x[1, 2, 3].Item(), Is.EqualTo(23));
        Assert.That(x[^1, -1, ^4].Item(), Is.EqualTo(20));
        Assert.That(x[.., 1..^1, 2..].Values(), Is.EqualTo(new double[] { 6, 7, 18, 19 }));
        Assert.That(x[TensorIndex.Rest, 0].Values(), Is.EqualTo(new double[] { 0, 4, 8, 12, 16, 20 }));
        Assert.That(x[0, TensorIndex.Rest, TensorIndex.NewAxis].Shape, Is.EqualTo(Shape.Create([3, 4, 1])));
        Assert.That(x[.., 2..2].Shape, Is.EqualTo(Shape.Create([2, 0, 4])));
    }

    [Test]
    public void An_indexed_view_is_a_handle_of_its_own()
    {
        var device = new CpuDevice(1);
        var x = Tensor.Ones([2, 3], device: device);
        using (var same = x[..])
            Assert.That(same, Is.Not.SameAs(x));
        using (x[0, 1..])
            Assert.That(x.IsDisposed, Is.False);
        x.Dispose();
        Assert.That(device.Memory.LiveBytes, Is.Zero, "no handle is left behind, without any scope");
    }

    [Test]
    public void Derivatives_flow_through_views_of_views()
    {
        using var scope = TensorScope.Begin();
        var x = Counting(2, 3, 4);
        Gradients.Check(
            t => t[0].Permute(2, 0, 1)[1..3, ^1].Transpose(0, 1).Reshape(-1).Slice(0, 0, 6, 2).Square(), [x]);
        Gradients.Check(t => t[0][0, .., 1..].Unsqueeze(0).Expand([3, 3, 3]).Flatten(1).Tanh(), [x * 0.1]);
        Gradients.Check(t => t[0].Roll(1, 2).Flip(0, 2).Tril()[TensorIndex.Rest, 0] * t[0].Select(2, 3), [x]);
    }

    [Test]
    public void A_gradient_reaches_the_source_only_where_the_view_looked()
    {
        using var scope = TensorScope.Begin();
        var x = Counting(3, 4);
        x.RequiresGradient = true;
        (x[1, 1..3] * 2).Sum().Backward();
        Assert.That(x.Gradient!.Values(), Is.EqualTo(new double[] { 0, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 0 }));
    }

    [Test]
    public void Overwriting_a_view_is_seen_by_the_check_of_its_source()
    {
        using var scope = TensorScope.Begin();
        var x = Counting(2, 2);
        var w = Tensor.Ones([2, 2], DType.Float64);
        w.RequiresGradient = true;
        var y = (w * x).Sum();
        x[0].Fill(9);
        Assert.That(() => y.Backward(), Throws.TypeOf<GradientException>().With.Message.Contains("overwritten"));
    }

    [TestCaseSource(nameof(Mistakes))]
    public void Mistakes_are_explained(string message, Func<Tensor, Tensor> call)
    {
        using var scope = TensorScope.Begin();
        Assert.That(() => call(Counting(2, 3)), Throws.TypeOf<ShapeException>().With.Message.Contains(message));
    }

    private static IEnumerable<TestCaseData> Mistakes()
    {
        static TestCaseData Case(string message, Func<Tensor, Tensor> call) =>
            new TestCaseData(message, call).SetArgDisplayNames(message);
        yield return Case("name every axis once", x => x.Permute(0));
        yield return Case("axis -2 is named twice in [0, -2]", x => x.Permute(0, -2));
        yield return Case("There is no axis 2", x => x.Transpose(0, 2));
        yield return Case("1..4 does not lie inside axis 1 of shape [2, 3]", x => x.Slice(1, 1, 4));
        yield return Case("2..1 does not lie", x => x.Slice(1, 2, 1));
        yield return Case("-4..3 does not lie", x => x.Slice(1, -4, 3));
        yield return Case("step must be 1 or more; got -1. Flip([1])", x => x.Slice(1, 0, 3, -1));
        yield return Case("index 2 is outside axis 0 of shape [2, 3]; indices go from -2 to 1", x => x.Select(0, 2));
        yield return Case("has no elements; got index 0", x => x.Slice(0, 0, 0).Select(0, 0));
        yield return Case("only an axis of size 1 can go", x => x.Squeeze(1));
        yield return Case("axes go from -3 to 2", x => x.Unsqueeze(3));
        yield return Case("axis 0 lies before axis 1", x => x.Flatten(1, 0));
        yield return Case("6 elements; [4, -1] does not hold", x => x.Reshape(4, -1));
        yield return Case("-1 may stand only once", x => x.Reshape(-1, -1));
        yield return Case("do not broadcast: sizes 2 and 3 at axis -2", x => x.Expand([3, 3]));
        yield return Case("3 entries for shape [2, 3]", x => x[0, 0, 0]);
        yield return Case("^3 lies outside axis 0", x => x[^3]);
        yield return Case("-2147483648 lies outside axis 0", x => x[int.MinValue]);
        yield return Case("^2147483647 lies outside axis 0 of the (remaining) shape [3]", x => x[0, -int.MaxValue]);
        yield return Case("index -2147483648 is outside axis 0", x => x.Select(0, int.MinValue));
        yield return Case("1..5 lies outside axis 1", x => x[.., 1..5]);
        yield return Case("^5..^4 lies outside axis 1", x => x[.., ^5..^4]);
        yield return Case("only once", x => x[TensorIndex.Rest, TensorIndex.Rest]);
        yield return Case("Concat: got no tensors", _ => Tensor.Concat([]));
        yield return Case("tensor 1 has shape [3], tensor 0 has [2, 3]", x => Tensor.Concat([x, x[0]]));
        yield return Case("only axis 1 may differ", x => Tensor.Concat([x, x[..1]], axis: 1));
        yield return Case("tensor 1 has shape [1, 3]", x => Tensor.Stack([x, x[..1]]));
        yield return Case("Stack: got no tensors", _ => Tensor.Stack([]));
        yield return Case("size of the parts must be 1 or more; got 0", x => x.Split(0)[0]);
        yield return Case("number of parts must be 1 or more", x => x.Chunk(-1)[0]);
    }

    private static Tensor Counting(params int[] sizes) =>
        Tensor.From([.. Enumerable.Range(0, Shape.Create(sizes).ElementCount).Select(i => (double)i)], sizes);

    private static bool SharesMemory(Tensor a, Tensor b) => ReferenceEquals(a.Storage, b.Storage);

    private static void AssertView(Tensor view, int[] shape, long[] strides)
    {
        Assert.That(view.Shape.ToArray(), Is.EqualTo(shape));
        Assert.That(view.Strides.ToArray(), Is.EqualTo(strides));
    }
}
