using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Laws;

/// <summary>Laws of elementwise arithmetic, on generated shapes and values, NaN and infinities among them.</summary>
[TestFixture]
internal sealed class ArithmeticLaws
{
    private static readonly DType[] FloatTypes = [DType.Float32, DType.Float64];

    private static readonly (string Name, Func<Tensor, Tensor, Tensor> Op, Func<double, double, double> Naive)[] Operations =
    [
        ("+", (a, b) => a + b, (a, b) => a + b),
        ("−", (a, b) => a - b, (a, b) => a - b),
        ("·", (a, b) => a * b, (a, b) => a * b),
        ("/", (a, b) => a / b, (a, b) => a / b),
        ("max", Tensor.Maximum, Math.Max),
        ("min", Tensor.Minimum, Math.Min),
    ];

    [Test]
    public void A_law_that_does_not_hold_is_found_and_its_case_shown() => Assert.That(
        () => Law.Holds(Law.Pair(Law.Wild), pair =>
        {
            var (a, b) = (pair.A.Tensor(DType.Float64), pair.B.Tensor(DType.Float64));
            if ((a - b).NotEqual(b - a).Sum().Item() > 0)
                throw new InvalidOperationException("a − b differs from b − a");
        }),
        Throws.Exception.With.Message.Contains("a − b differs from b − a").And.Message.Contains("{"));

    [TestCaseSource(nameof(FloatTypes))]
    public void Broadcasting_agrees_bit_for_bit_with_the_naive_definition(DType dtype) => Law.Holds(
        Law.Pair(Law.Wild), pair =>
    {
        var (a, b) = (pair.A.Rounded(), pair.B.Rounded());
        foreach (var (name, op, naive) in Operations)
        {
            // Rounding the double result gives the float result: 53 bits are more than twice 24.
            var expected = NdArray.Zip(
                a.Array, b.Array, (x, y) => dtype == DType.Float32 ? (float)naive(x, y) : naive(x, y));
            var actual = op(a.Tensor(dtype), b.Tensor(dtype));
            Assert.That(actual.Shape.ToArray(), Is.EqualTo(expected.Shape), name);
            Law.SameBits(actual.Values(), expected.Data, name);
        }
    });

    [TestCaseSource(nameof(FloatTypes))]
    public void The_layout_in_memory_changes_no_bit(DType dtype) => Law.Holds(Law.Pair(Law.Wild), pair =>
    {
        foreach (var (name, op, _) in Operations)
        {
            double[] plain = op(pair.A.Tensor(dtype), pair.B.Tensor(dtype)).Values();
            Law.SameBits(op(pair.A.Strided(dtype), pair.B.Tensor(dtype)).Values(), plain, name);
            Law.SameBits(op(pair.A.Tensor(dtype), pair.B.Strided(dtype)).Values(), plain, name);
        }
    });

    [TestCaseSource(nameof(FloatTypes))]
    public void Addition_and_multiplication_commute_bit_for_bit(DType dtype) => Law.Holds(Law.Pair(Law.Wild), pair =>
    {
        var (a, b) = (pair.A.Tensor(dtype), pair.B.Tensor(dtype));
        Law.SameBits((a + b), (b + a));
        Law.SameBits((a * b), (b * a));
    });

    [TestCaseSource(nameof(FloatTypes))]
    public void Subtracting_is_adding_the_negative(DType dtype) => Law.Holds(Law.Pair(Law.Wild), pair =>
    {
        var (a, b) = (pair.A.Tensor(dtype), pair.B.Tensor(dtype));
        Law.SameBits((a - b), (a + -b));
        Law.SameBits((-(-a)), a);
    });

    [TestCaseSource(nameof(FloatTypes))]
    public void A_number_acts_like_a_tensor_that_holds_only_it(DType dtype) => Law.Holds(Law.Operand(Law.Wild), x =>
    {
        foreach (double s in new[] { 0, -1.5, 3 })
        {
            var (a, full) = (x.Tensor(dtype), Tensor.Full(x.Shape, s, dtype));
            Law.SameBits((a + s), (a + full));
            Law.SameBits((a - s), (a - full));
            Law.SameBits((s - a), (full - a));
            Law.SameBits((a * s), (a * full));
            Law.SameBits((a / s), (a / full));
            Law.SameBits((s / a), (full / a));
            Law.SameBits(a.Less(s), a.Less(full));
            Law.SameBits(a.GreaterOrEqual(s), a.GreaterOrEqual(full));
        }
    });

    [TestCaseSource(nameof(FloatTypes))]
    public void Minimum_and_maximum_share_out_the_two_values(DType dtype) => Law.Holds(Law.Pair(Law.Tame), pair =>
    {
        var (a, b) = (pair.A.Tensor(dtype), pair.B.Tensor(dtype));
        Law.SameBits((Tensor.Minimum(a, b) + Tensor.Maximum(a, b)), (a + b));
        Law.SameBits(Tensor.Minimum(a, b), (-Tensor.Maximum(-a, -b)));
        Law.SameBits(Tensor.Maximum(a, b), Tensor.Where(a.Greater(b), a, b));
    });

    [TestCaseSource(nameof(FloatTypes))]
    public void A_condition_and_its_opposite_cover_everything_but_NaN(DType dtype) => Law.Holds(
        Law.Pair(Law.Wild), pair =>
    {
        var (a, b) = (pair.A.Tensor(dtype), pair.B.Tensor(dtype));
        var comparable = a.Equal(a) * b.Equal(b);
        Law.SameBits((a.Less(b) + a.GreaterOrEqual(b)), comparable);
        Law.SameBits((a.Less(b) + a.Equal(b) + a.Greater(b)), comparable);
        Assert.That((a.Equal(b) + a.NotEqual(b)).Values(), Is.All.EqualTo(1));
        Law.SameBits(a.Less(b), b.Greater(a));
    });

    [TestCaseSource(nameof(FloatTypes))]
    public void Relu_and_abs_take_a_number_apart(DType dtype) => Law.Holds(Law.Operand(Law.Tame), operand =>
    {
        var x = operand.Tensor(dtype);
        Law.SameBits((x.Relu() - (-x).Relu()), x);
        Law.SameBits((x.Sign() * x.Abs()), x);
        Law.SameBits(
            x.Clamp(-1, 2),
            Tensor.Minimum(Tensor.Maximum(x, Tensor.Scalar(-1, dtype)), Tensor.Scalar(2, dtype)));
    });

    [Test]
    public void Converting_to_16_bits_and_back_once_is_as_good_as_twice() => Law.Holds(Law.Operand(Law.Wild), operand =>
    {
        var x = operand.Tensor(DType.Float32);
        foreach (var half in new[] { DType.Float16, DType.BFloat16 })
        {
            var once = x.To(half).To(DType.Float32);
            Law.SameBits(once.To(half).To(DType.Float32), once);
            Law.SameBits((-x).To(half), (-once), "the sign is apart");
        }
    });

    [Test]
    public void Rounding_to_16_bits_keeps_the_order() => Law.Holds(Law.Twins(Law.Tame), pair =>
    {
        // Products of four numbers, so that the digits are many.
        var (a, b) = (pair.A.Tensor(DType.Float32), pair.B.Tensor(DType.Float32));
        a = a * a * b * 0.123456;
        foreach (var half in new[] { DType.Float16, DType.BFloat16 })
        {
            var (low, high) = (Tensor.Minimum(a, b).To(half).To(DType.Float32), Tensor.Maximum(a, b).To(half).To(DType.Float32));
            Assert.That(low.LessOrEqual(high).Values(), Is.All.EqualTo(1));
        }
    });
}
