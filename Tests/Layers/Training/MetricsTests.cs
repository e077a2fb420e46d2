using MomentumCore.Layers;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Layers.Training;

/// <summary>Accuracy and running means.</summary>
[TestFixture]
internal sealed class MetricsTests
{
    [Test]
    public void Accuracy_counts_rows_whose_largest_score_is_at_their_class(
        [Values(DType.Float32, DType.Float64)] DType scoreType, [Values(DType.Int32, DType.Int64)] DType classType)
    {
        using var scope = TensorScope.Begin();
        var scores = TestTensors.Make([1, 2, 0, 5, 4, 3, -1, -1, -2, 0, double.NaN, 9], [4, 3], scoreType);
        var classes = TestTensors.Make([1, 2, 0, 2], [4], classType);
        Assert.That(Metrics.CorrectCount(scores, classes), Is.EqualTo(2));
        Assert.That(Metrics.Accuracy(scores, classes), Is.EqualTo(0.5));
    }

    [Test]
    public void Without_rows_the_accuracy_is_zero()
    {
        using var scope = TensorScope.Begin();
        Assert.That(Metrics.Accuracy(Tensor.Zeros([0, 3]), Tensor.Zeros([0], DType.Int64)), Is.Zero);
    }

    [Test]
    public void Shapes_that_do_not_fit_are_shown()
    {
        using var scope = TensorScope.Begin();
        Assert.That(
            () => Metrics.Accuracy(Tensor.Zeros([2, 3]), Tensor.Zeros([3], DType.Int64)),
            Throws.TypeOf<ShapeException>().With.Message.Contains("[2, 3] and [3]"));
        Assert.That(() => Metrics.Accuracy(Tensor.Zeros([2, 3]), Tensor.Zeros([2])), Throws.TypeOf<DTypeException>());
    }

    [Test]
    public void A_running_mean_weighs_each_value_by_its_samples()
    {
        var mean = new RunningMean();
        Assert.That(mean.Value, Is.NaN);
        mean.Add(2, count: 3);
        mean.Add(double.NaN, count: 0);
        mean.Add(6);
        Assert.That((mean.Value, mean.Count), Is.EqualTo((3.0, 4L)));
        mean.Reset();
        Assert.That((mean.Value, mean.Count), Is.EqualTo((double.NaN, 0L)));
    }
}
