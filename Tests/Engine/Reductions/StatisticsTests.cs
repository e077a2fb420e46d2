using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Reductions;

/// <summary>
/// Mean, variance, log-sum-exp and norms where the definition alone is not enough: nothing, infinities, zeros.
/// </summary>
[TestFixture]
internal sealed class StatisticsTests
{
    [Test]
    public void Mean_divides_the_sum_exactly_and_is_NaN_of_nothing()
    {
        using var scope = TensorScope.Begin();
        Assert.That(Tensor.From([1f, 2, 4, 5, 6, 8], [2, 3]).Mean([0]).Values(), Is.EqualTo(new[] { 3.0, 4, 6 }));
        Assert.That(Tensor.Full([3], 0.1f).Mean().Item(), Is.EqualTo(0.1f));
        Assert.That(Tensor.Zeros([2, 0]).Mean([1]).Values(), Is.All.NaN);
        Assert.That(Tensor.Zeros([2, 0]).Mean([0], keepAxes: true).Shape, Is.EqualTo(Shape.Create([1, 0])));
        Assert.That(() => Tensor.From(1, 2).Mean(), Throws.TypeOf<DTypeException>().With.Message.Contains("Int32"));
    }

    [Test]
    public void Var_is_the_same_far_from_zero()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From([1.0, 2, 3, 4], [4]);
        Assert.That(x.Var().Item(), Is.EqualTo(5.0 / 3).Within(1e-15));
        Assert.That((x + 1e8).Var().Item(), Is.EqualTo(5.0 / 3).Within(1e-15));
        Assert.That(x.Std(correction: 0).Item(), Is.EqualTo(Math.Sqrt(1.25)).Within(1e-15));
        Assert.That(x.Std([0], keepAxes: true).Shape, Is.EqualTo(Shape.Create([1])));
        Assert.That(Tensor.From(3.0).Var().Item(), Is.NaN, "one element has no unbiased variance");
    }

    [Test]
    public void LogSumExp_of_infinities_is_what_the_limit_says()
    {
        using var scope = TensorScope.Begin();
        const double Inf = double.PositiveInfinity;
        var x = Tensor.From([-Inf, -Inf, -Inf, 0, 1000, 1000], [3, 2]);
        x.RequiresGradient = true;
        var y = x.LogSumExp([1]);
        TestTensors.AssertClose(y.Values(), [-Inf, 0, 1000 + Math.Log(2)], 1e-15, 0, "log-sum-exp");
        y.Sum().Backward();
        Assert.That(x.Gradient!.Values(), Is.EqualTo(new[] { 0, 0, 0, 1, 0.5, 0.5 }).Within(1e-12));
        Assert.That(Tensor.From(Inf, 0).LogSumExp().Item(), Is.EqualTo(Inf));
        Assert.That(Tensor.From(double.NaN, Inf).LogSumExp().Item(), Is.NaN);
    }

    [Test]
    public void Norms_have_derivative_zero_at_zero([Values(1, 1.5, 2, 3, double.PositiveInfinity)] double p)
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From([0.0, 0, 3, 0], [2, 2]);
        x.RequiresGradient = true;
        var y = x.Norm(p, [1]);
        Assert.That(y.Values(), Is.EqualTo(new[] { 0.0, 3 }).Within(1e-12));
        y.Sum().Backward();
        Assert.That(x.Gradient!.Values(), Is.EqualTo(new[] { 0.0, 0, 1, 0 }).Within(1e-12));
    }

    [Test]
    public void Norm_without_p_is_the_length_and_a_wrong_p_is_refused()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From(3f, 4);
        Assert.That(x.Norm().Item(), Is.EqualTo(5));
        Assert.That(() => x.Norm(0), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("above 0"));
        Assert.That(() => x.Norm(double.NaN), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Every_reduction_gives_the_same_bits_on_any_number_of_threads()
    {
        var random = new Random(3);
        float[] values = [.. Enumerable.Range(0, 40_000).Select(_ => (float)random.NextDouble())];
        double[][] results = [.. new[] { 1, 2, 3 }.Select(threads =>
        {
            using var scope = TensorScope.Begin();
            var x = Tensor.From(values, [20, 1000, 2], new CpuDevice(threads));
            return (double[])
            [
                x.Mean().Item(), x.Var().Item(), x.Std([0]).Sum().Item(),
                x.LogSumExp([1]).Sum().Item(), x.LogSumExp().Item(),
                .. new[] { 1, 2, 2.5, double.PositiveInfinity }.SelectMany(p => x.Norm(p, [0, 1]).Values()),
            ];
        })];
        Assert.That(results[1], Is.EqualTo(results[0]));
        Assert.That(results[2], Is.EqualTo(results[0]));
    }
}
