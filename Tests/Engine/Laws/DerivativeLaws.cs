using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Laws;

/// <summary>Laws that the derivative of every function keeps.</summary>
[TestFixture]
internal sealed class DerivativeLaws
{
    private static readonly (string Name, Func<Tensor, Tensor> F)[] Functions =
    [
        ("tanh", x => x.Tanh()),
        ("sigmoid", x => x.Sigmoid()),
        ("gelu", x => x.Gelu()),
        ("gelu by tanh", x => x.Gelu(GeluForm.Tanh)),
        ("silu", x => x.Silu()),
        ("softplus", x => x.Softplus()),
        ("relu", x => x.Relu()),
        ("leaky relu", x => x.LeakyRelu()),
        ("exp", x => x.Exp()),
        ("sin", x => x.Sin()),
        ("erf", x => x.Erf()),
        ("square", x => x.Square()),
        ("cube", x => x.Pow(3)),
        ("clamp", x => x.Clamp(-1, 1)),
        ("to Float32", x => x.To(DType.Float32).To(DType.Float64)),
    ];

    private static IEnumerable<TestCaseData> Cases() =>
        Functions.Select(f => new TestCaseData(f.F).SetArgDisplayNames(f.Name));

    [TestCaseSource(nameof(Cases))]
    public void The_vector_Jacobian_product_is_linear_in_the_vector(Func<Tensor, Tensor> f) => Law.Holds(
        Law.Twins(Law.Tame), pair =>
    {
        var x = pair.A.Tensor(DType.Float64);
        x.RequiresGradient = true;
        var y = f(x);
        var (g, h) = (pair.B.Tensor(DType.Float64), (pair.A.Tensor(DType.Float64) * 3.0) - 1.0);
        // Gradients of one sum against the sum of gradients; what a constant factor does is part of it.
        var together = Pull(y, x, (2.0 * g) - (0.5 * h));
        var apart = (2.0 * Pull(y, x, g)) - (0.5 * Pull(y, x, h));
        TestTensors.AssertClose(together.Values(), apart.Values(), 1e-6, 1e-6, "linear");
    });

    [Test]
    public void Summing_to_a_shape_is_the_adjoint_of_broadcasting_from_it() => Law.Holds(Law.Pair(Law.Tame), pair =>
    {
        // ⟨broadcast x, g⟩ = ⟨x, sum g⟩, exact because all numbers are small eighths.
        var x = pair.A.Tensor(DType.Float64);
        var shape = Shape.Broadcast(pair.A.Shape, pair.B.Shape);
        var g = pair.B.Tensor(DType.Float64).Expand(shape) + 1.0;
        double left = (x.Expand(shape) * g).Sum().Item();
        double right = (x * g.SumTo(x.Shape)).Sum().Item();
        Assert.That(right, Is.EqualTo(left));
    });

    [Test]
    public void The_product_rule_holds() => Law.Holds(Law.Twins(Law.Tame), pair =>
    {
        var x = pair.A.Tensor(DType.Float64);
        x.RequiresGradient = true;
        var g = pair.B.Tensor(DType.Float64);
        var (u, v) = (x.Tanh(), x.Sin());
        var whole = Pull(u * v, x, g);
        var parts = Pull(u, x, g * v.Detach()) + Pull(v, x, g * u.Detach());
        TestTensors.AssertClose(whole.Values(), parts.Values(), 1e-12, 1e-12, "product rule");
    });

    [Test]
    public void Adding_a_tensor_to_itself_is_doubling_it_in_value_and_derivative() => Law.Holds(
        Law.Twins(Law.Wild), pair =>
    {
        var x = pair.A.Tensor(DType.Float64);
        x.RequiresGradient = true;
        var g = pair.B.Tensor(DType.Float64);
        Law.SameBits((x + x), (2.0 * x));
        Law.SameBits(Pull(x + x, x, g), Pull(2.0 * x, x, g));
    });

    private static Tensor Pull(Tensor y, Tensor x, Tensor g) =>
        Gradients.Of([y], [x], [g], retainGraph: true, allowUnused: true)[0];
}
