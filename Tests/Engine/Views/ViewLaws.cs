using FsCheck;
using FsCheck.Fluent;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Views;

/// <summary>Laws that hold for tensors of any shape.</summary>
[TestFixture]
internal sealed class ViewLaws
{
    [Test]
    public void A_permutation_and_its_inverse_cancel() => ForAll((x, random) =>
    {
        int[] axes = [.. Enumerable.Range(0, x.Rank)];
        random.Shuffle(axes);
        int[] inverse = [.. axes.Select((_, axis) => Array.IndexOf(axes, axis))];
        var back = x.Permute(axes).Permute(inverse);
        return Same(back, x) && back.Strides.SequenceEqual(x.Strides);
    });

    [Test]
    public void Cutting_and_joining_gives_the_whole() => ForAll((x, random) =>
    {
        if (x.Rank == 0)
            return true;
        int axis = random.Next(x.Rank), size = x.Shape[axis];
        int cut = random.Next(size + 1);
        return Same(Tensor.Concat([x.Slice(axis, 0, cut), x.Slice(axis, cut, size)], axis), x)
            && Same(Tensor.Concat(x.Split(random.Next(1, size + 2), axis), axis), x)
            && Same(Tensor.Concat(x.Chunk(random.Next(1, 4), axis), axis), x);
    });

    [Test]
    public void Stacked_tensors_are_selected_again() => ForAll((x, random) =>
    {
        int axis = random.Next(x.Rank + 1);
        if (x.Rank == StridedLayout.MaxRank)
            return true;
        var stacked = Tensor.Stack([x, x * 2, x + 1], axis);
        return Same(stacked.Select(axis, 0), x)
            && Same(stacked.Select(axis, -2), x * 2)
            && Same(stacked.Select(axis, 2), x + 1);
    });

    [Test]
    public void Reshaping_there_and_back_changes_nothing() => ForAll((x, random) =>
    {
        int[] axes = [.. Enumerable.Range(0, x.Rank)];
        random.Shuffle(axes);
        var view = x.Permute(axes);
        return Same(view.Reshape(x.Count, 1).Reshape(view.Shape), view)
            && Same(view.Flatten().Reshape(view.Shape), view);
    });

    [Test]
    public void Slices_with_a_step_interleave_to_the_whole() => ForAll((x, random) =>
    {
        if (x.Rank == 0)
            return true;
        int axis = random.Next(x.Rank), size = x.Shape[axis], step = random.Next(1, 4);
        double[] whole = x.Values();
        var index = x.ZerosLike();
        for (int start = 0; start < Math.Min(step, size); start++)
            index.Slice(axis, start, size, step).CopyFrom(x.Slice(axis, start, size, step));
        return index.Values().SequenceEqual(whole);
    });

    [Test]
    public void Flipping_and_rolling_undo_themselves() => ForAll((x, random) =>
    {
        if (x.Rank == 0)
            return true;
        int axis = random.Next(x.Rank), shift = random.Next(-7, 8);
        return Same(x.Flip(axis).Flip(axis), x) && Same(x.Roll(shift, axis).Roll(-shift, axis), x);
    });

    [Test]
    public void The_triangles_make_the_whole() => ForAll((x, random) =>
    {
        if (x.Rank < 2)
            return true;
        int diagonal = random.Next(-4, 5);
        return Same(x.Tril(diagonal) + x.Triu(diagonal + 1), x);
    });

    [Test]
    public void The_sum_over_all_axes_is_the_sum_of_the_sums() => ForAll((x, random) =>
    {
        double total = x.Values().Sum();
        int[] axes = [.. Enumerable.Range(0, x.Rank).Where(_ => random.Next(2) == 0)];
        return Math.Abs(x.Sum().Item() - total) <= 1e-12 && Math.Abs(x.Sum(axes).Sum().Item() - total) <= 1e-12;
    });

    [Test]
    public void A_sum_does_not_care_how_the_elements_lie() => ForAll((x, random) =>
    {
        int[] axes = [.. Enumerable.Range(0, x.Rank).Where(_ => random.Next(2) == 0)];
        var strided = TestTensors.MakeNonContiguous(x.Values(), x.Shape, x.DType);
        double[] a = x.Sum(axes).Values(), b = strided.Sum(axes).Values();
        return a.Zip(b).All(p => Math.Abs(p.First - p.Second) <= 1e-12);
    });

    [Test]
    public void Gathering_scattered_ones_counts_them() => ForAll((x, random) =>
    {
        if (x.Rank == 0 || x.Count == 0)
            return true;
        int axis = random.Next(x.Rank);
        long[] at = [.. Enumerable.Range(0, x.Count).Select(_ => (long)random.Next(x.Shape[axis]))];
        var index = Tensor.From(at, x.Shape);
        var counts = x.ZerosLike().ScatterAdd(axis, index, x.OnesLike());
        return counts.Sum().Item() == x.Count && counts.Gather(axis, index).Values().All(c => c >= 1)
            && Math.Abs((counts * x).Sum().Item() - x.Gather(axis, index).Sum().Item()) <= 1e-10;
    });

    /// <summary>Checks a law for 200 tensors of up to four axes, sizes 0 to 5.</summary>
    private static void ForAll(Func<Tensor, Random, bool> law)
    {
        var shapes = from rank in Gen.Choose(0, 4)
                     from sizes in Gen.Choose(0, 5).ArrayOf(rank)
                     from seed in Gen.Choose(0, int.MaxValue - 1)
                     select (sizes, seed);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll(shapes.ToArbitrary(), test =>
        {
            using var scope = TensorScope.Begin();
            var random = new Random(test.seed);
            Shape shape = test.sizes;
            double[] values = [.. Enumerable.Range(0, shape.ElementCount).Select(_ => (2 * random.NextDouble()) - 1)];
            return law(Tensor.From(values, shape), random);
        }));
    }

    private static bool Same(Tensor a, Tensor b) => a.Shape == b.Shape && a.Values().SequenceEqual(b.Values());
}
