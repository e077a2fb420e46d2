using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Reductions;

/// <summary>Ties, NaN, several blocks, threads and empty axes of the largest and smallest.</summary>
[TestFixture]
internal sealed class ExtremumTests
{
    [Test]
    public void The_first_of_equals_wins_and_gets_the_whole_derivative()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From([1f, 3, 3, 3, 0, 3], [2, 3]);
        x.RequiresGradient = true;
        Assert.That(x.ArgMax(1).ToArray<long>(), Is.EqualTo(new long[] { 1, 0 }));
        Assert.That(x.ArgMin(1).ToArray<long>(), Is.EqualTo(new long[] { 0, 1 }));
        x.Max(1).Sum().Backward();
        Assert.That(x.Gradient!.Values(), Is.EqualTo(new double[] { 0, 1, 0, 1, 0, 0 }));
        x.ZeroGradient();
        x.Max().Backward();
        Assert.That(x.Gradient!.Values(), Is.EqualTo(new double[] { 0, 1, 0, 0, 0, 0 }));
    }

    [Test]
    public void NaN_wins_over_everything([Values(0, 3, 4999, 9000)] int at)
    {
        using var scope = TensorScope.Begin();
        var values = new double[9001];
        Array.Fill(values, double.PositiveInfinity);
        values[at] = double.NaN;
        values[^1] = double.NaN;
        var x = Tensor.From(values, [9001]);
        Assert.That(x.Max().Item(), Is.NaN);
        Assert.That(x.Min(0).Item(), Is.NaN);
        Assert.That(x.ArgMax(0).Item(), Is.EqualTo(at));
        Assert.That(x.ArgMin(0).Item(), Is.EqualTo(at));
    }

    [Test]
    public void Long_axes_of_any_layout_and_number_of_threads_give_the_same(
        [Values(1, 2, 3)] int threads, [Values(1, 3)] int inner)
    {
        using var scope = TensorScope.Begin();
        var random = new Random(5);
        float[] values = [.. Enumerable.Range(0, 2 * 10_000 * inner).Select(_ => (float)random.Next(5000))];
        var x = Tensor.From(values, [2, 10_000, inner], new CpuDevice(threads));
        long[] largest = x.ArgMax(1).ToArray<long>(), smallest = x.ArgMin(1).ToArray<long>();
        for (int o = 0; o < 2; o++)
        {
            for (int c = 0; c < inner; c++)
            {
                int first = (o * 10_000 * inner) + c;
                var column = Enumerable.Range(0, 10_000).Select(k => values[first + (k * inner)]).ToList();
                Assert.That(largest[(o * inner) + c], Is.EqualTo(column.IndexOf(column.Max())));
                Assert.That(smallest[(o * inner) + c], Is.EqualTo(column.IndexOf(column.Min())));
            }
        }
    }

    [Test]
    public void Integers_have_extrema_too()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From(long.MinValue, 5, long.MaxValue);
        Assert.That(x.Max().ToArray<long>(), Is.EqualTo(new[] { long.MaxValue }));
        Assert.That(Tensor.From(7, -5, 3).Min().ToArray<int>(), Is.EqualTo(new[] { -5 }));
    }

    [Test]
    public void An_empty_axis_has_no_extremum()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.Zeros([3, 0]);
        const string Message = "Max: axis 1 of shape [3, 0] has no elements to choose from.";
        Assert.That(() => x.Max(1), Throws.TypeOf<ShapeException>().With.Message.EqualTo(Message));
        Assert.That(() => x.ArgMin(1), Throws.TypeOf<ShapeException>().With.Message.StartsWith("ArgMin"));
        Assert.That(() => x.Min(), Throws.TypeOf<ShapeException>());
        Assert.That(x.Max(0).Shape, Is.EqualTo(Shape.Create([0])));
    }
}
