using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Ops;

/// <summary>What losses do with input that does not fit, and at the edges.</summary>
[TestFixture]
internal sealed class LossTests
{
    [Test]
    public void A_class_index_out_of_range_is_named_with_its_bound()
    {
        using var scope = TensorScope.Begin();
        var error = Assert.Throws<ArgumentOutOfRangeException>(
            () => Tensor.Zeros([3, 5]).CrossEntropy(Tensor.From(0L, 4L, 5L)));
        Assert.That(
            error!.Message, Does.Contain("class index 5 at position 2").And.Contain("0 … 4").And.Contain("5 classes"));
        Assert.That(
            () => Tensor.Zeros([1, 5]).NllLoss(Tensor.From(-1L)),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("class index -1"));
    }

    [Test]
    public void A_number_that_is_no_reduction_is_refused_by_every_loss()
    {
        using var scope = TensorScope.Begin();
        var (x, same, target) = (Tensor.Ones([2, 3]), Tensor.Zeros([2, 3]), Tensor.Zeros([2], DType.Int64));
        const LossReduction Odd = (LossReduction)7;
        foreach (Action call in new Action[]
        {
            () => x.CrossEntropy(target, reduction: Odd), () => x.NllLoss(target, reduction: Odd),
            () => x.MseLoss(same, Odd), () => x.L1Loss(same, Odd), () => x.SmoothL1Loss(same, reduction: Odd),
            () => x.BceWithLogits(same, reduction: Odd),
        })
        {
            Assert.That(call, Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("no reduction 7"));
        }

        Assert.That(
            () => x.Gelu((GeluForm)2),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("no form 2"));
    }

    [Test]
    public void The_index_to_ignore_may_lie_outside_of_the_classes()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From([1.0, 2.0, 3.0, 0.0], [2, 2]);
        double both = x.CrossEntropy(Tensor.From(7L, 0L), ignoreIndex: 7).Item();
        double one = x.Slice(0, 1, 2).CrossEntropy(Tensor.From(0L)).Item();
        Assert.That(both, Is.EqualTo(one).Within(1e-15));
    }

    [Test]
    public void Int32_targets_mean_the_same()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From([1.0, 2.0, 3.0, 0.5, -1.0, 4.0], [2, 3]);
        Assert.That(x.CrossEntropy(Tensor.From(2, 0)).Item(), Is.EqualTo(x.CrossEntropy(Tensor.From(2L, 0L)).Item()));
    }

    [Test]
    public void When_all_is_ignored_the_mean_is_no_number_the_sum_0_and_the_gradient_0()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.Ones([2, 3]);
        x.RequiresGradient = true;
        var target = Tensor.From(-100L, -100L);

        Assert.That(x.CrossEntropy(target, reduction: LossReduction.Sum).Item(), Is.Zero);
        var mean = x.CrossEntropy(target);
        mean.Backward();

        Assert.That(mean.Item(), Is.NaN);
        Assert.That(x.Gradient!.Values(), Is.All.Zero);
    }

    [Test]
    public void Cross_entropy_of_hopeless_logits_is_large_not_infinite()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From([-10_000f, 10_000f], [1, 2]);
        x.RequiresGradient = true;
        var loss = x.CrossEntropy(Tensor.From(0L));
        loss.Backward();
        Assert.That(loss.Item(), Is.EqualTo(20_000));
        Assert.That(x.Gradient!.Values(), Is.EqualTo(new double[] { -1, 1 }));
    }

    [Test]
    public void Targets_that_are_no_indices_of_the_rows_are_refused()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.Zeros([2, 3]);
        Assert.That(
            () => x.CrossEntropy(Tensor.Zeros([2])), Throws.TypeOf<DTypeException>().With.Message.Contains("Float32"));
        Assert.That(
            () => x.CrossEntropy(Tensor.From(0L, 1L, 2L)),
            Throws.TypeOf<ShapeException>().With.Message.Contains("[2, 3]").And.Message.Contains("[3]"));
        Assert.That(
            () => x.CrossEntropy(Tensor.From(0L, 1L), Tensor.Ones([2])),
            Throws.TypeOf<ShapeException>().With.Message.Contains("[3]"));
        Assert.That(
            () => x.CrossEntropy(Tensor.From(0L, 1L), labelSmoothing: 1.5),
            Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => x.CrossEntropy(Tensor.From(0L, 1L), labelSmoothing: double.NaN),
            Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Class_weights_that_want_a_gradient_are_refused()
    {
        using var scope = TensorScope.Begin();
        var weight = Tensor.Ones([3]);
        weight.RequiresGradient = true;
        Assert.That(
            () => Tensor.Zeros([1, 3]).CrossEntropy(Tensor.From(0L), weight),
            Throws.TypeOf<GradientException>().With.Message.Contains("Detach"));
    }

    [Test]
    public void Predictions_and_targets_of_different_shapes_are_refused_rather_than_broadcast()
    {
        using var scope = TensorScope.Begin();
        var error = Assert.Throws<ShapeException>(() => Tensor.Zeros([4, 1]).MseLoss(Tensor.Zeros([4])));
        Assert.That(error!.Message, Does.Contain("[4, 1]").And.Contain("[4]"));
        Assert.That(() => Tensor.Zeros([4]).L1Loss(Tensor.Zeros([4], DType.Float64)), Throws.TypeOf<DTypeException>());
    }

    [Test]
    public void The_mean_of_no_elements_is_no_number()
    {
        using var scope = TensorScope.Begin();
        Assert.That(Tensor.Zeros([0]).MseLoss(Tensor.Zeros([0])).Item(), Is.NaN);
        Assert.That(Tensor.Zeros([0, 3]).CrossEntropy(Tensor.Zeros([0], DType.Int64)).Item(), Is.NaN);
    }

    [Test]
    public void Smooth_l1_with_a_negative_beta_is_refused() =>
        Assert.That(
            () => Tensor.Zeros([1]).SmoothL1Loss(Tensor.Zeros([1]), -1), Throws.TypeOf<ArgumentOutOfRangeException>());
}
