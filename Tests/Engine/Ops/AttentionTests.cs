using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Ops;

/// <summary>Scaled dot-product attention, put together from operations that are tested one by one.</summary>
[TestFixture]
internal sealed class AttentionTests
{
    [Test]
    public void It_mixes_values_by_how_well_keys_answer_the_query()
    {
        using var scope = TensorScope.Begin();
        var query = Tensor.From([1.0, 0.0], [1, 2]);
        var key = Tensor.From([50.0, 0.0, 0.0, 50.0, 50.0, 0.0], [3, 2]);
        var value = Tensor.From([1.0, 2.0, 4.0], [3, 1]);

        double[] y = Tensor.Attention(query, key, value).Values();

        Assert.That(y, Has.Length.EqualTo(1));
        Assert.That(y[0], Is.EqualTo((1.0 + 4.0) / 2).Within(1e-12));
    }

    [Test]
    public void Without_features_all_keys_fit_alike_and_without_keys_there_is_nothing()
    {
        using var scope = TensorScope.Begin();
        var value = Tensor.From([1.0, 2.0, 6.0], [3, 1]);
        foreach (double dropout in new[] { 0.0, 1e-300 })
        {
            var mean = Tensor.Attention(
                Tensor.Zeros([2, 0], DType.Float64), Tensor.Zeros([3, 0], DType.Float64), value, dropout: dropout);
            Assert.That(mean.Values(), Is.EqualTo(new[] { 3.0, 3.0 }).Within(1e-15));
            var causal = Tensor.Attention(
                Tensor.Zeros([2, 0], DType.Float64), Tensor.Zeros([3, 0], DType.Float64), value, isCausal: true,
                dropout: dropout);
            Assert.That(causal.Values(), Is.EqualTo(new[] { 1.0, 1.5 }).Within(1e-15));
            var nothing = Tensor.Attention(
                Tensor.Ones([2, 4], DType.Float64), Tensor.Ones([0, 4], DType.Float64),
                Tensor.Ones([0, 3], DType.Float64),
                dropout: dropout);
            Assert.That(nothing.Values(), Is.EqualTo(new double[6]));
            Assert.That(
                Tensor.Attention(Tensor.Ones([2, 4]), Tensor.Ones([3, 4]), Tensor.Ones([3, 0]), dropout: dropout).Shape,
                Is.EqualTo(Shape.Create([2, 0])));
        }

        var (q, k) = (Tensor.Zeros([2, 0], DType.Float64), Tensor.Zeros([3, 0], DType.Float64));
        (q.RequiresGradient, value.RequiresGradient) = (true, true);
        Tensor.Attention(q, k, value).Sum().Backward();
        Assert.That(value.Gradient!.Values(), Is.EqualTo(new[] { 2 / 3.0, 2 / 3.0, 2 / 3.0 }).Within(1e-15));
        Assert.That(q.Gradient!.Shape, Is.EqualTo(q.Shape));
    }

    [Test]
    public void Without_a_scale_scores_are_divided_by_the_root_of_the_size()
    {
        using var scope = TensorScope.Begin();
        var (q, k, v) = (Values(1, [2, 3, 5]), Values(2, [2, 4, 5]), Values(3, [2, 4, 3]));

        Assert.That(
            Tensor.Attention(q, k, v).Values(),
            Is.EqualTo(Tensor.Attention(q, k, v, scale: 1 / Math.Sqrt(5)).Values()));
    }

    [Test]
    public void A_causal_query_does_not_depend_on_later_keys()
    {
        using var scope = TensorScope.Begin();
        var (q, k, v) = (Values(1, [1, 4, 3]), Values(2, [1, 4, 3]), Values(3, [1, 4, 2]));

        double[] all = Tensor.Attention(q, k, v, isCausal: true).Values();
        double[] firstTwo = Tensor.Attention(
            q.Slice(1, 0, 2), k.Slice(1, 0, 2), v.Slice(1, 0, 2), isCausal: true).Values();

        Assert.That(all[..4], Is.EqualTo(firstTwo).Within(1e-12));
    }

    [Test]
    public void A_query_that_may_see_nothing_gets_zeros_and_gives_no_gradient()
    {
        using var scope = TensorScope.Begin();
        var (q, k, v) = (Values(1, [2, 3]), Values(2, [4, 3]), Values(3, [4, 2]));
        q.RequiresGradient = true;
        var mask = Tensor.From([0, 1], [2, 1]);

        var y = Tensor.Attention(q, k, v, mask);
        y.Sum().Backward();

        Assert.That(y.Values()[..2], Is.All.Zero);
        Assert.That(y.Values()[2..], Has.None.Zero);
        Assert.That(q.Gradient!.Values()[..3], Is.All.Zero);
        Assert.That(q.Gradient!.Values()[3..], Has.None.Zero);
    }

    [Test]
    public void The_mask_may_be_freed_before_backward()
    {
        using var scope = TensorScope.Begin();
        var (q, k, v) = (Values(1, [2, 3]), Values(2, [4, 3]), Values(3, [4, 2]));
        q.RequiresGradient = true;
        var mask = Tensor.From([0, 1, 1, 0], [1, 4]);
        var y = Tensor.Attention(q, k, v, mask);
        mask.Dispose();

        y.Sum().Backward();

        Assert.That(q.Gradient!.Values(), Has.None.Zero);
    }

    [Test]
    public void Long_sequences_are_attended_to_without_ever_holding_all_weights()
    {
        using var scope = TensorScope.Begin();
        var device = new CpuDevice(2);
        var (q, k, v) = (
            Values(1, [4, 700, 8]).To(device), Values(2, [4, 700, 8]).To(device), Values(3, [4, 700, 8]).To(device));
        foreach (var x in (Tensor[])[q, k, v])
            x.RequiresGradient = true;
        long before = device.Memory.LiveBytes;
        device.Memory.ResetPeak();

        var y = Tensor.Attention(q, k, v, isCausal: true);
        long kept = device.Memory.LiveBytes - before;
        y.Backward(y.Detach());

        long weights = 4L * 700 * 700 * sizeof(double);
        Assert.That(kept, Is.LessThan(2 * y.Count * sizeof(double)));
        Assert.That(device.Memory.PeakBytes - before, Is.LessThan(weights / 2));
    }

    [Test]
    public void A_gradient_can_flow_to_an_added_mask_and_is_then_the_same_elsewhere()
    {
        using var scope = TensorScope.Begin();
        double[][] Gradient(bool masked)
        {
            var (q, k, v) = (Values(1, [2, 5, 3]), Values(2, [2, 4, 3]), Values(3, [2, 4, 2]));
            var mask = Values(4, [5, 4]);
            q.RequiresGradient = true;
            mask.RequiresGradient = masked;
            Tensor.Attention(q, k, v, mask).Square().Sum().Backward();
            return [q.Gradient!.Values(), mask.Gradient?.Values() ?? []];
        }

        Assert.That(Gradient(masked: true)[0], Is.EqualTo(Gradient(masked: false)[0]).Within(1e-12));
        Assert.That(Gradient(masked: true)[1], Has.Length.EqualTo(20).And.None.Zero);
    }

    [Test]
    public void Dropout_drops_weights_and_the_same_seed_drops_the_same()
    {
        using var scope = TensorScope.Begin();
        var (q, k) = (Tensor.Zeros([64, 4]), Tensor.Zeros([100, 4]));
        var v = Tensor.Ones([100, 1]);
        double[] Run(ulong seed) => Tensor.Attention(q, k, v, dropout: 0.5, random: new RandomSource(seed)).Values();

        double[] y = Run(3);

        // Each of 100 weights of 1/100 is dropped or doubled: 1 on average, with a standard deviation of 0.1.
        Assert.That(y.Average(), Is.EqualTo(1).Within(0.06));
        Assert.That(y.Distinct().Count(), Is.GreaterThan(5));
        Assert.That(Run(3), Is.EqualTo(y));
        Assert.That(Run(4), Is.Not.EqualTo(y));
    }

    [Test]
    public void Shapes_that_do_not_fit_are_named()
    {
        using var scope = TensorScope.Begin();
        var error = Assert.Throws<ShapeException>(
            () => Tensor.Attention(Tensor.Zeros([2, 3]), Tensor.Zeros([4, 5]), Tensor.Zeros([4, 1])));
        Assert.That(error!.Message, Does.Contain("q [2, 3]").And.Contain("k [4, 5]"));
        Assert.That(
            () => Tensor.Attention(
                Tensor.Zeros([2, 3]), Tensor.Zeros([4, 3]), Tensor.Zeros([4, 1]), Tensor.Zeros([3, 4])),
            Throws.TypeOf<ShapeException>());
    }

    private static Tensor Values(int seed, Shape shape)
    {
        var random = new Random(seed);
        double[] values = [.. Enumerable.Range(0, shape.ElementCount).Select(_ => (4 * random.NextDouble()) - 2)];
        return TestTensors.Make(values, shape, DType.Float64);
    }
}
