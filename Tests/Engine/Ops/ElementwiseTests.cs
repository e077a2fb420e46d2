using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Ops;

/// <summary>What elementwise operations do with NaN, ties, kinks, integers and wrong types.</summary>
[TestFixture]
internal sealed class ElementwiseTests
{
    private const double NaN = double.NaN;
    private const double Infinity = double.PositiveInfinity;

    [Test]
    public void NaN_goes_through_minimum_maximum_clamp_relu_sign_and_abs()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From(NaN, 1, -2);
        var y = Tensor.From(0, NaN, -3);
        Assert.That(Tensor.Maximum(x, y).Values(), Is.EqualTo(new[] { NaN, NaN, -2 }));
        Assert.That(Tensor.Minimum(x, y).Values(), Is.EqualTo(new[] { NaN, NaN, -3 }));
        Assert.That(x.Clamp(-1, 0.5).Values(), Is.EqualTo(new[] { NaN, 0.5, -1 }));
        Assert.That(x.Relu().Values(), Is.EqualTo(new[] { NaN, 1, 0 }));
        Assert.That(x.Sign().Values(), Is.EqualTo(new[] { NaN, 1, -1 }));
        Assert.That(x.LeakyRelu().Values(), Is.EqualTo(new[] { NaN, 1, -0.02 }));
    }

    [Test]
    public void With_NaN_only_not_equal_holds()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From(NaN);
        Assert.That(x.NotEqual(x).Item(), Is.EqualTo(1));
        Assert.That(x.NotEqual(NaN).Item(), Is.EqualTo(1));
        foreach (var mask in new[] { x.Equal(x), x.Less(1), x.Greater(1), x.LessOrEqual(x), x.GreaterOrEqual(x), x.Equal(NaN) })
            Assert.That(mask.Item(), Is.Zero);
    }

    [Test]
    public void Ties_of_minimum_and_maximum_share_the_gradient()
    {
        using var scope = TensorScope.Begin();
        foreach (var choose in new Func<Tensor, Tensor, Tensor>[] { Tensor.Maximum, Tensor.Minimum })
        {
            var a = Tensor.From(1.0, 2.0);
            var b = Tensor.From(1.0, 2.0);
            a.RequiresGradient = b.RequiresGradient = true;
            choose(a, b).Sum().Backward();
            Assert.That(a.Gradient!.Values(), Is.All.EqualTo(0.5));
            Assert.That(b.Gradient!.Values(), Is.All.EqualTo(0.5));
        }
    }

    [Test]
    public void At_its_kink_each_function_has_the_derivative_that_its_docs_say()
    {
        using var scope = TensorScope.Begin();
        Assert.That(SlopeAt(0, x => x.Relu()), Is.Zero);
        Assert.That(SlopeAt(0, x => x.Abs()), Is.Zero);
        Assert.That(SlopeAt(0, x => x.LeakyRelu(0.25)), Is.EqualTo(0.25));
        Assert.That(SlopeAt(1, x => x.Clamp(0, 1)), Is.EqualTo(1));
        Assert.That(SlopeAt(0, x => x.Clamp(0, 1)), Is.EqualTo(1));
        Assert.That(SlopeAt(1.001, x => x.Clamp(0, 1)), Is.Zero);
    }

    [Test]
    public void Powers_of_zero_have_finite_derivatives_where_they_should()
    {
        using var scope = TensorScope.Begin();
        Assert.That(SlopeAt(0, x => x.Pow(0)), Is.Zero);
        Assert.That(SlopeAt(0, x => x.Pow(1)), Is.EqualTo(1));
        Assert.That(SlopeAt(0, x => x.Pow(2)), Is.Zero);
        Assert.That(SlopeAt(0, x => x.Pow(0.5)), Is.EqualTo(Infinity));
        Assert.That(SlopeAt(0, x => x.Pow(Tensor.From(0.0))), Is.Zero);
        Assert.That(SlopeAt(2, p => Tensor.From(0.0).Pow(p)), Is.Zero);
        Assert.That(SlopeAt(0, p => Tensor.From(0.0).Pow(p)), Is.Zero);
        Assert.That(SlopeAt(3, p => Tensor.From(2.0).Pow(p)), Is.EqualTo(8 * Math.Log(2)).Within(1e-14));
    }

    [Test]
    public void Where_selects_and_does_not_multiply_so_infinity_stays_in_its_branch()
    {
        using var scope = TensorScope.Begin();
        var a = Tensor.From(Infinity, 1);
        var b = Tensor.From(2, NaN);
        a.RequiresGradient = b.RequiresGradient = true;
        var y = Tensor.Where(Tensor.From(0, 1), a, b);
        y.Backward(Tensor.From(Infinity, 3));
        Assert.That(y.Values(), Is.EqualTo(new double[] { 2, 1 }));
        Assert.That(a.Gradient!.Values(), Is.EqualTo(new double[] { 0, 3 }));
        Assert.That(b.Gradient!.Values(), Is.EqualTo(new[] { Infinity, 0 }));
    }

    [TestCase(DType.Int32)]
    [TestCase(DType.Int64)]
    public void Integers_add_subtract_multiply_compare_and_choose_exactly(DType dtype)
    {
        using var scope = TensorScope.Begin();
        var a = Tensor.From(7, -3, 16_777_217).To(dtype);
        var b = Tensor.From(2, -3, 1).To(dtype);
        Assert.That((a + b).Values(), Is.EqualTo(new double[] { 9, -6, 16_777_218 }));
        Assert.That((a - b).Values(), Is.EqualTo(new double[] { 5, 0, 16_777_216 }));
        Assert.That((a * b).Values(), Is.EqualTo(new double[] { 14, 9, 16_777_217 }));
        Assert.That((-a).Values(), Is.EqualTo(new double[] { -7, 3, -16_777_217 }));
        Assert.That((a + 1).Values(), Is.EqualTo(new double[] { 8, -2, 16_777_218 }));
        Assert.That((1 - a).Values(), Is.EqualTo(new double[] { -6, 4, -16_777_216 }));
        Assert.That((a * 2).Values(), Is.EqualTo(new double[] { 14, -6, 33_554_434 }));
        Assert.That(Tensor.Maximum(a, b).Values(), Is.EqualTo(new double[] { 7, -3, 16_777_217 }));
        Assert.That(Tensor.Minimum(a, b).Values(), Is.EqualTo(new double[] { 2, -3, 1 }));
        Assert.That(a.Clamp(0, 10).Values(), Is.EqualTo(new double[] { 7, 0, 10 }));
        Assert.That(a.Clamp(null, -1).Values(), Is.EqualTo(new double[] { -1, -3, -1 }));
        Assert.That(a.Equal(b).Values(), Is.EqualTo(new double[] { 0, 1, 0 }));
        Assert.That(Tensor.Where(a.Greater(b), a, b).Values(), Is.EqualTo(new double[] { 7, -3, 16_777_217 }));
        Assert.That((a + b).DType, Is.EqualTo(dtype));
        Assert.That(() => a + 0.5, Throws.TypeOf<DTypeException>().With.Message.Contains("0.5"));
        Assert.That(() => a / b, Throws.TypeOf<DTypeException>().With.Message.Contains("To(DType.Float32)"));
        Assert.That(() => a.Exp(), Throws.TypeOf<DTypeException>().With.Message.Contains("Exp"));
    }

    [Test]
    public void A_number_too_large_for_the_integers_it_meets_is_refused()
    {
        using var scope = TensorScope.Begin();
        Assert.That(() => Tensor.From(1) + 1e10, Throws.TypeOf<DTypeException>().With.Message.Contains("Int32"));
        Assert.That((Tensor.From(1L) + 1e10).Item(), Is.EqualTo(1e10 + 1));
    }

    [Test]
    public void Wrong_operands_are_named()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From(1f, 2f, 3f);
        Assert.That(
            () => x - Tensor.From(1f, 2f),
            Throws.TypeOf<ShapeException>().With.Message.Contains("Subtract: shapes [3] and [2]"));
        Assert.That(
            () => x / Tensor.From(1.0),
            Throws.TypeOf<DTypeException>().With.Message.Contains("Divide: left holds Float32, right Float64"));
        Assert.That(
            () => Tensor.Zeros([2, 3], DType.Int32).Linear(Tensor.Zeros([4, 3])),
            Throws.TypeOf<DTypeException>().With.Message.Contains("left holds Int32").And.Message.Contains("convert left with To(DType.Float32)"));
        Assert.That(
            () => Tensor.From(1.0) * Tensor.From(1L),
            Throws.TypeOf<DTypeException>().With.Message.Contains("convert right with To(DType.Float64)"));
        Assert.That(
            () => x.Greater(Tensor.From(1.0)),
            Throws.TypeOf<DTypeException>().With.Message.Contains("Greater: left holds Float32"));
        Assert.That(
            () => Tensor.Where(x, x, x),
            Throws.TypeOf<DTypeException>().With.Message.Contains("mask must be Int32"));
        Assert.That(() => x.Clamp(2, 1), Throws.ArgumentException.With.Message.Contains("min (2) is above max (1)"));
        Assert.That(
            () => x.To(DType.Float16) + x.To(DType.Float16),
            Throws.TypeOf<DTypeException>().With.Message.Contains("Float16"));
    }

    [Test]
    public void The_tails_of_gelu_sigmoid_and_softplus_keep_their_digits()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From(-10.0);
        double gelu = -10 * 0.5 * Special.Erfc(10 / Math.Sqrt(2));
        Assert.That(x.Gelu().Item(), Is.EqualTo(gelu).Within(1e-13 * Math.Abs(gelu)));
        Assert.That(x.Softplus().Item(), Is.EqualTo(4.539889921686465e-5).Within(1e-18));
        Assert.That(Tensor.From(-1000.0).Sigmoid().Item(), Is.Zero);
        Assert.That(Tensor.From(-700.0).Silu().Item(), Is.LessThan(0));
    }

    private static double SlopeAt(double x, Func<Tensor, Tensor> f)
    {
        var input = Tensor.From(x);
        input.RequiresGradient = true;
        return Gradients.Of([f(input).Sum()], [input], allowUnused: true)[0].Item();
    }
}
