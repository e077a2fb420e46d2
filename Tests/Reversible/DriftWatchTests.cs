using MomentumCore.Reversible;

namespace MomentumCore.Tests.Reversible;

/// <summary>The row that moved the most is found wherever it lies, and a NaN is never lost.</summary>
[TestFixture]
internal sealed class DriftWatchTests
{
    private static readonly Shape[] Shapes = [[40_005], [3, 20_001], [20_003, 2], [5, 7, 9], [131, 1], [2, 3, 4, 5], [1, 3, 80, 90]];

    [Test]
    public void The_row_that_moved_the_most_is_found_wherever_it_lies(
        [ValueSource(nameof(Shapes))] Shape shape,
        [Values(0, 0.3, 0.5, 1)] double place,
        [Values(DType.Float32, DType.Float64)] DType dtype)
    {
        using var scope = TensorScope.Begin();
        var a = Nets.Random(shape, 1, dtype: dtype);
        var b = a.Clone();
        using var none = new DriftWatch(a);
        none.AddSizes(a, a, a);
        none.AddPosition(a, b);
        Assert.That(none.Largest(1).Read().Share, Is.Zero);

        int at = (int)(place * (a.Count - 1)), row = at / DriftWatch.RowOf(a);
        b.Reshape(-1).Slice(0, at, at + 1).Fill(-7);
        using var one = new DriftWatch(a);
        one.AddSizes(a, a, a);
        one.AddSizes(b, b, b);
        one.AddPosition(a, b);
        var (share, found) = one.Largest(1).Read();
        Assert.That(share, Is.EqualTo(Math.Abs(a.Reshape(-1).Select(0, at).Item() + 7) / 7).Within(1e-6));
        Assert.That(found, Is.EqualTo(row));

        b.Reshape(-1).Slice(0, at, at + 1).Fill(double.NaN);
        one.AddPosition(a, b);
        Assert.That(one.Largest(1).Read(), Is.EqualTo((double.NaN, row)));
    }

    [Test]
    public void A_row_is_a_vector_or_a_whole_image()
    {
        using var scope = TensorScope.Begin();
        Assert.That(DriftWatch.RowOf(Tensor.Zeros([12])), Is.EqualTo(12));
        Assert.That(DriftWatch.RowOf(Tensor.Zeros([4, 3])), Is.EqualTo(3));
        Assert.That(DriftWatch.RowOf(Tensor.Zeros([2, 5, 3])), Is.EqualTo(3));
        Assert.That(DriftWatch.RowOf(Tensor.Zeros([2, 3, 4, 5])), Is.EqualTo(60));
        Assert.That(DriftWatch.RowOf(Tensor.Zeros([])), Is.EqualTo(1));
    }

    [Test]
    public void A_velocity_counts_as_far_as_it_is_multiplied()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.Full([2, 3], 2);
        var v = Tensor.From<float>([0, 0, 0, 0, -1, 0], [2, 3]);
        using var watch = new DriftWatch(x);
        watch.AddSizes(x, x, x);
        watch.AddVelocity(v, null);
        Assert.That(watch.Largest(0.5).Read(), Is.EqualTo((0.25, 1)));
        watch.AddVelocity(v, Tensor.Full([2, 3], 1));
        Assert.That(watch.Largest(0.5).Read(), Is.EqualTo((0.5, 1)));
    }

    [Test]
    public void Rows_of_zeros_that_stay_are_no_drift_and_those_that_do_not_are()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.Zeros([3, 4]);
        var moved = x.Clone();
        using var watch = new DriftWatch(x);
        watch.AddSizes(x, x, x);
        watch.AddPosition(x, moved);
        Assert.That(watch.Largest(1).Read().Share, Is.Zero);
        moved.Select(0, 2).Fill(1e-30);
        watch.AddPosition(x, moved);
        Assert.That(watch.Largest(1).Read(), Is.EqualTo((double.PositiveInfinity, 2)));
    }

    [Test]
    public void Nothing_differs_by_nothing()
    {
        using var scope = TensorScope.Begin();
        var empty = Tensor.Zeros([0, 3]);
        using var watch = new DriftWatch(empty);
        watch.AddSizes(empty, empty, empty);
        watch.AddPosition(empty, empty);
        watch.AddVelocity(empty, null);
        Assert.That(watch.Largest(1).Read().Share, Is.Zero);
    }
}
