using MomentumCore.Layers;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Layers;

/// <summary>Initial values have the distributions of PyTorch's defaults.</summary>
[TestFixture]
internal sealed class InitializationTests
{
    private static IEnumerable<TestCaseData> UniformCases()
    {
        static TestCaseData Case(string label, Func<Module> make, string parameter, double bound) =>
            new TestCaseData(make, parameter, bound).SetArgDisplayNames(label);
        yield return Case("Linear.weight", () => new Linear(64, 300), "weight", 1 / 8.0);
        yield return Case("Linear.bias", () => new Linear(64, 9000), "bias", 1 / 8.0);
        yield return Case("Conv2d.weight", () => new Conv2d(16, 60, (3, 3), groups: 4), "weight", 1 / 6.0);
        yield return Case("Conv2d.bias", () => new Conv2d(4, 9000, 3), "bias", 1 / 6.0);
        yield return Case("ConvTranspose2d.weight", () => new ConvTranspose2d(60, 16, 3, groups: 4), "weight", 1 / 6.0);
        yield return Case(
            "MultiheadAttention.in_proj_weight", () => new MultiheadAttention(54, 2), "in_proj_weight", 1 / 6.0);
        yield return Case(
            "MultiheadAttention.out_proj.weight", () => new MultiheadAttention(64, 2), "out_proj.weight", 1 / 8.0);
    }

    [TestCaseSource(nameof(UniformCases))]
    public void It_is_uniform_up_to_the_bound(Func<Module> make, string parameter, double bound)
    {
        using var random = RandomSource.Use(new RandomSource(11));
        using var module = make();
        double[] values = module.GetParameter(parameter).Values();
        Assert.That(values.Select(Math.Abs).Max(), Is.LessThanOrEqualTo(bound).And.GreaterThan(0.99 * bound));
        AssertMoments(values, 0, bound / Math.Sqrt(3));
        // A quarter of a uniform sample lies in each quarter.
        for (int quarter = 0; quarter < 4; quarter++)
        {
            double low = bound * ((quarter / 2.0) - 1);
            double share = values.Count(v => v >= low && v < low + (bound / 2)) / (double)values.Length;
            Assert.That(share, Is.EqualTo(0.25).Within(5 * Math.Sqrt(0.25 * 0.75 / values.Length)));
        }
    }

    [Test]
    public void An_embedding_is_normal_with_a_zero_row_for_padding()
    {
        using var random = RandomSource.Use(new RandomSource(12));
        using var table = new Embedding(200, 50, paddingIndex: -1);
        double[] values = table.Weight.Values();
        AssertMoments(values[..^50], 0, 1);
        Assert.That(values[^50..], Is.All.Zero);
        Assert.That(table.PaddingIndex, Is.EqualTo(199));
    }

    [Test]
    public void Biases_of_attention_and_the_norms_start_as_in_PyTorch()
    {
        using var attention = new MultiheadAttention(4, 2);
        Assert.That(attention.InProjectionBias!.Values(), Is.All.Zero);
        Assert.That(attention.OutProjection.Bias!.Values(), Is.All.Zero);
        using var norm = new BatchNorm2d(3);
        Assert.That(norm.Weight!.Values(), Is.All.EqualTo(1));
        Assert.That(norm.Bias!.Values(), Is.All.Zero);
        Assert.That(norm.RunningMean!.Values(), Is.All.Zero);
        Assert.That(norm.RunningVariance!.Values(), Is.All.EqualTo(1));
        Assert.That(norm.BatchCount!.Item(), Is.Zero);
    }

    [Test]
    public void The_named_rules_have_their_deviations()
    {
        using var scope = TensorScope.Begin();
        var source = new RandomSource(13);
        // Fan in 50 · 4, fan out 40 · 4.
        var weight = Tensor.Zeros([40, 50, 2, 2]);
        Initialize.KaimingNormal(weight, source: source);
        AssertMoments(weight.Values(), 0, Math.Sqrt(2.0 / 200));
        Initialize.KaimingNormal(weight, slope: 2, fanOut: true, source: source);
        AssertMoments(weight.Values(), 0, Math.Sqrt(2.0 / 5 / 160));
        Initialize.KaimingUniform(weight, source: source);
        AssertMoments(weight.Values(), 0, Math.Sqrt(2.0 / 200));
        Initialize.XavierNormal(weight, gain: 3, source: source);
        AssertMoments(weight.Values(), 0, 3 * Math.Sqrt(2.0 / 360));
        Initialize.XavierUniform(weight, gain: 3, source: source);
        AssertMoments(weight.Values(), 0, 3 * Math.Sqrt(2.0 / 360));
        Initialize.Normal(weight, 5, 2, source);
        AssertMoments(weight.Values(), 5, 2);
        Initialize.Uniform(weight, 1, 3, source);
        AssertMoments(weight.Values(), 2, 1 / Math.Sqrt(3));
        Initialize.Constant(weight, 0.5);
        Assert.That(weight.Values(), Is.All.EqualTo(0.5));
        Assert.That(
            () => Initialize.XavierNormal(Tensor.Zeros([3])),
            Throws.TypeOf<ShapeException>().With.Message.Contains("[3]"));
        Assert.That(() => Initialize.Uniform(weight, 3, 1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Initialize.Normal(weight, 0, -1), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void The_same_seed_gives_the_same_weights_and_the_next_layer_others()
    {
        double[] Draw()
        {
            using var random = RandomSource.Use(new RandomSource(14));
            using var net = new Sequential(new Linear(3, 3), new Linear(3, 3));
            return [.. net.Parameters().SelectMany(p => p.Values())];
        }

        double[] first = Draw();
        Assert.That(Draw(), Is.EqualTo(first));
        Assert.That(first.Skip(12), Is.Not.EqualTo(first.Take(12)));
        using var layer = new Linear(3, 3);
        double[] before = layer.Weight.Values();
        layer.ResetParameters();
        Assert.That(layer.Weight.Values(), Is.Not.EqualTo(before));
        Assert.That(layer.Weight.RequiresGradient, Is.True);
    }

    /// <summary>Mean and deviation within five standard errors.</summary>
    private static void AssertMoments(double[] values, double mean, double deviation)
    {
        double actual = values.Average();
        double variance = values.Average(v => (v - actual) * (v - actual));
        Assert.That(actual, Is.EqualTo(mean).Within(5 * deviation / Math.Sqrt(values.Length)));
        Assert.That(Math.Sqrt(variance), Is.EqualTo(deviation).Within(5 * deviation / Math.Sqrt(values.Length)));
    }
}
