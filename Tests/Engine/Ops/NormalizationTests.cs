using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Ops;

/// <summary>Running statistics, determinism and refusals of the normalisations.</summary>
[TestFixture]
internal sealed class NormalizationTests
{
    [Test]
    public void Training_moves_the_running_statistics_toward_mean_and_unbiased_variance()
    {
        using var scope = TensorScope.Begin();
        var (mean, variance) = (Tensor.Zeros([2]), Tensor.Ones([2]));
        var x = Tensor.From([1f, 10f, 2f, 20f, 3f, 30f, 6f, 40f], [4, 2]);

        x.BatchNorm(runningMean: mean, runningVar: variance, momentum: 0.25);

        // Channel 0: 1 2 3 6, mean 3, unbiased variance 14/3. Channel 1: mean 25, unbiased variance 500/3.
        Assert.That(mean.Values(), Is.EqualTo(new[] { 0.75, 6.25 }).Within(1e-6));
        Assert.That(variance.Values()[0], Is.EqualTo(0.75 + (0.25 * 14 / 3)).Within(1e-6));
        Assert.That(variance.Values()[1], Is.EqualTo(0.75 + (0.25 * 500 / 3)).Within(1e-4));
    }

    [Test]
    public void Frozen_statistics_do_not_move_and_the_result_is_the_same()
    {
        using var scope = TensorScope.Begin();
        var (mean, variance) = (Tensor.Zeros([3]), Tensor.Ones([3]));
        var x = Random([5, 3]);
        double[] frozen;
        using (BatchStatistics.Freeze())
        {
            using (BatchStatistics.Freeze())
                frozen = x.BatchNorm(runningMean: mean, runningVar: variance).Values();
            Assert.That(BatchStatistics.AreFrozen, Is.True);
        }

        Assert.That(mean.Values(), Is.All.Zero);
        Assert.That(variance.Values(), Is.All.EqualTo(1));
        Assert.That(x.BatchNorm(runningMean: mean, runningVar: variance).Values(), Is.EqualTo(frozen));
        Assert.That(mean.Values(), Has.None.Zero);
    }

    [Test]
    public async Task Freezing_follows_the_async_flow()
    {
        using (BatchStatistics.Freeze())
        {
            await Task.Yield();
            Assert.That(BatchStatistics.AreFrozen, Is.True);
            Assert.That(await Task.Run(() => BatchStatistics.AreFrozen), Is.True);
        }

        Assert.That(BatchStatistics.AreFrozen, Is.False);
    }

    [Test]
    public void Evaluation_leaves_the_running_statistics_alone_and_needs_them()
    {
        using var scope = TensorScope.Begin();
        var (mean, variance) = (Tensor.Ones([2]), Tensor.Full([2], 4));
        double[] y = Tensor.From([3f, 5f], [1, 2])
            .BatchNorm(runningMean: mean, runningVar: variance, training: false, eps: 0).Values();
        Assert.That(y, Is.EqualTo(new[] { 1.0, 2.0 }));
        Assert.That(mean.Values(), Is.All.EqualTo(1));
        Assert.That(
            () => Tensor.Zeros([2, 2]).BatchNorm(training: false),
            Throws.ArgumentException.With.Message.Contains("running mean and variance"));
    }

    [Test]
    public void Settings_without_meaning_and_statistics_that_cannot_move_are_refused()
    {
        using var scope = TensorScope.Begin();
        var x = Random([4, 3]);
        var (mean, variance) = (Tensor.Zeros([3]), Tensor.Ones([3]));
        foreach (double eps in new[] { -1e-5, double.NaN, double.PositiveInfinity })
        {
            Refuses(() => x.BatchNorm(eps: eps), "BatchNorm: eps");
            Refuses(() => x.LayerNorm([3], eps: eps), "LayerNorm: eps");
            Refuses(() => x.GroupNorm(3, eps: eps), "GroupNorm: eps");
            Refuses(() => Random([2, 3, 4]).InstanceNorm(eps: eps), "InstanceNorm: eps");
        }

        foreach (double momentum in new[] { -0.1, 1.5, double.NaN })
            Refuses(() => x.BatchNorm(runningMean: mean, runningVar: variance, momentum: momentum), "momentum");
        Refuses(() => x.BatchNorm(runningMean: mean), "running mean but no running variance");
        Refuses(() => x.BatchNorm(runningVar: variance, training: false), "running variance but no running mean");

        var narrow = Tensor.Zeros([1]).Expand([3]);
        Assert.That(
            () => x.BatchNorm(runningMean: narrow, runningVar: variance),
            Throws.TypeOf<ShapeException>().With.Message.Contains("expanded view"));
        Assert.That(() => x.BatchNorm(runningMean: narrow, runningVar: variance, training: false), Throws.Nothing);
        variance.RequiresGradient = true;
        Assert.That(
            () => x.BatchNorm(runningMean: mean, runningVar: variance),
            Throws.TypeOf<GradientException>().With.Message.Contains("running variance"));
        Assert.That(mean.Values(), Is.All.Zero, "nothing moves when something is refused");

        static void Refuses(Action call, string part) =>
            Assert.That(call, Throws.InstanceOf<ArgumentException>().With.Message.Contains(part));
    }

    [Test]
    public void Statistics_may_move_between_an_evaluation_and_its_backward()
    {
        using var scope = TensorScope.Begin();
        var (mean, variance) = (Tensor.Zeros([1]), Tensor.Full([1], 4));
        var x = Tensor.From([1f, 2f], [2, 1]);
        x.RequiresGradient = true;
        var y = x.BatchNorm(runningMean: mean, runningVar: variance, training: false, eps: 0);
        x.Detach().BatchNorm(runningMean: mean, runningVar: variance);
        y.Sum().Backward();
        Assert.That(x.Gradient!.Values(), Is.All.EqualTo(0.5));
    }

    [Test]
    public void A_mean_far_from_0_does_not_cost_the_variance_its_digits()
    {
        using var scope = TensorScope.Begin();
        float[] values = [.. Enumerable.Range(0, 4096).Select(i => 10_000f + (i % 2))];
        var variance = Tensor.Zeros([1]);
        Tensor.From(values, [4096, 1]).BatchNorm(runningMean: Tensor.Zeros([1]), runningVar: variance, momentum: 1);
        Assert.That(variance.Item(), Is.EqualTo(0.25 * 4096 / 4095).Within(1e-3));
        double[] y = Tensor.From(values, [1, 4096]).LayerNorm([4096], eps: 0).Values();
        Assert.That(y.Max(Math.Abs), Is.EqualTo(1).Within(1e-2));
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(5)]
    public void The_number_of_threads_does_not_change_a_bit(int threads)
    {
        using var scope = TensorScope.Begin();
        var one = new CpuDevice(1);
        var many = new CpuDevice(threads);
        Assert.That(Everything(many), Is.EqualTo(Everything(one)));
    }

    [Test]
    public void One_value_per_channel_cannot_be_trained_on()
    {
        using var scope = TensorScope.Begin();
        Assert.That(
            () => Tensor.Zeros([1, 3]).BatchNorm(), Throws.TypeOf<ShapeException>().With.Message.Contains("[1, 3]"));
        Assert.That(
            () => Tensor.Zeros([2, 3, 1, 1]).InstanceNorm(),
            Throws.TypeOf<ShapeException>().With.Message.Contains("[2, 3, 1, 1]"));
        Assert.That(Tensor.Zeros([2, 3, 1, 1]).BatchNorm().Shape, Is.EqualTo(Shape.Create([2, 3, 1, 1])));
    }

    [Test]
    public void Shapes_that_do_not_fit_are_named()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.Zeros([2, 6, 4]);
        Assert.That(() => x.GroupNorm(4), Throws.TypeOf<ShapeException>().With.Message.Contains("4 groups"));
        Assert.That(() => x.GroupNorm(0), Throws.TypeOf<ShapeException>());
        Assert.That(() => x.LayerNorm([6]), Throws.TypeOf<ShapeException>().With.Message.Contains("[2, 6, 4]"));
        Assert.That(() => x.LayerNorm([]), Throws.TypeOf<ShapeException>());
        Assert.That(
            () => x.LayerNorm([4], Tensor.Ones([6])), Throws.TypeOf<ShapeException>().With.Message.Contains("weight"));
        Assert.That(
            () => x.BatchNorm(bias: Tensor.Ones([4])), Throws.TypeOf<ShapeException>().With.Message.Contains("bias"));
        Assert.That(
            () => x.BatchNorm(runningMean: Tensor.Ones([4]), runningVar: Tensor.Ones([3])),
            Throws.TypeOf<ShapeException>().With.Message.Contains("running mean"));
        Assert.That(() => Tensor.Zeros([4]).BatchNorm(), Throws.TypeOf<ShapeException>());
        Assert.That(() => Tensor.Zeros([2, 3], DType.Int32).LayerNorm([3]), Throws.TypeOf<DTypeException>());
    }

    private static double[] Everything(CpuDevice device)
    {
        var x = Random([67, 6, 11], device);
        x.RequiresGradient = true;
        var (weight, bias) = (Random([6], device), Random([6], device));
        weight.RequiresGradient = bias.RequiresGradient = true;
        var y = x.BatchNorm(weight, bias) * x.GroupNorm(2, weight, bias)
            * x.InstanceNorm(weight, bias) * x.LayerNorm([11]);
        var gradients = Gradients.Of([y.Sum()], [x, weight, bias]);
        return [.. y.Values(), .. gradients.SelectMany(g => g.Values())];
    }

    private static Tensor Random(Shape shape, Device? device = null)
    {
        var random = new Random(5);
        double[] values = [.. Enumerable.Range(0, shape.ElementCount).Select(_ => (4 * random.NextDouble()) - 2)];
        return TestTensors.Make(values, shape, DType.Float32, device);
    }
}
