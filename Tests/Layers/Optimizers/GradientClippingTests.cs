using System.Text.Json.Nodes;
using MomentumCore.Layers;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Layers.Optimizers;

/// <summary>Clipping by norm and by value.</summary>
[TestFixture]
internal sealed class GradientClippingTests
{
    private static readonly Shape[] Shapes = [[3, 2], [5], []];

    private static IEnumerable<TestCaseData> Cases() => Fixture.Cases("clipping.json").Select(c =>
        new TestCaseData(c).SetArgDisplayNames($"{c!["dtype"]}", $"order {c["order"]}", $"limit {c["limit"]}"));

    [TestCaseSource(nameof(Cases))]
    public void The_norm_and_the_scaled_gradients_are_those_of_PyTorch(JsonNode wanted)
    {
        using var scope = TensorScope.Begin();
        var dtype = Enum.Parse<DType>(wanted["dtype"]!.GetValue<string>());
        double order = wanted["order"]!.ToString() == "Infinity"
            ? double.PositiveInfinity
            : wanted["order"]!.GetValue<double>();
        double tolerance = dtype == DType.Float64 ? 1e-13 : 1e-6;
        Tensor[] parameters = [.. Shapes.Select(s => Tensor.Zeros(s, dtype))];
        for (int i = 0; i < parameters.Length; i++)
        {
            if (wanted["before"]![i] is { } before)
                parameters[i].SetGradient(TestTensors.Make(before.Numbers(), Shapes[i], dtype));
        }

        double norm = GradientClipping.ByNorm(parameters, wanted["limit"]!.GetValue<double>(), order);
        Assert.That(norm, Is.EqualTo(wanted["norm"]!.GetValue<double>()).Within(tolerance * norm));
        for (int i = 0; i < parameters.Length; i++)
        {
            if (wanted["after"]![i] is { } after)
                TestTensors.AssertClose(
                    parameters[i].Gradient!.Values(), after.Numbers(), tolerance, tolerance, $"gradient {i}");
            else
                Assert.That(parameters[i].Gradient, Is.Null);
        }
    }

    [Test]
    public void The_norm_has_the_same_bits_on_any_number_of_threads()
    {
        double[] Norms(int threads)
        {
            using var scope = TensorScope.Begin();
            var device = new CpuDevice(threads);
            float[] values = [.. Enumerable.Range(0, 100_003).Select(i => MathF.Sin(i))];
            var parameter = Tensor.Zeros([values.Length], DType.Float32, device);
            parameter.SetGradient(Tensor.From(values, [values.Length], device));
            return [.. new[] { 1, 2, 3, double.PositiveInfinity }.Select(p => GradientClipping.ByNorm([parameter], 1e9, p))];
        }

        var single = Norms(1);
        Assert.That(Norms(4), Is.EqualTo(single));
        Assert.That(single[1], Is.EqualTo(Math.Sqrt(100_003 / 2.0)).Within(0.01));
    }

    [Test]
    public void A_norm_that_is_not_finite_can_be_an_error_that_changes_nothing()
    {
        using var scope = TensorScope.Begin();
        var w = Tensor.Zeros([2]);
        w.SetGradient(Tensor.From(float.PositiveInfinity, 8f));
        Assert.That(() => GradientClipping.ByNorm([w], 1, requireFinite: true), Throws.TypeOf<GradientException>());
        Assert.That(w.Gradient!.Values()[1], Is.EqualTo(8));
        w.SetGradient(Tensor.From(float.NaN, 8f));
        Assert.That(GradientClipping.ByNorm([w], 1), Is.NaN);
        Assert.That(w.Gradient!.Values(), Is.All.NaN);
    }

    [Test]
    public void Without_gradients_the_norm_is_zero() =>
        Assert.That(GradientClipping.ByNorm([], 1), Is.Zero);

    [TestCase(DType.Float32)]
    [TestCase(DType.Float64)]
    public void Clipping_by_value_holds_elements_inside_the_limit_and_leaves_NaN(DType dtype)
    {
        using var scope = TensorScope.Begin();
        var w = Tensor.Zeros([5], dtype);
        w.SetGradient(TestTensors.MakeNonContiguous([-3, -0.5, 0.25, 7, double.NaN], [5], dtype));
        GradientClipping.ByValue([w, Tensor.Zeros([2])], 0.5);
        Assert.That(w.Gradient!.Values(), Is.EqualTo(new[] { -0.5, -0.5, 0.25, 0.5, double.NaN }));
    }
}
