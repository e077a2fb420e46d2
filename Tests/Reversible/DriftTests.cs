using MomentumCore.Reversible;

namespace MomentumCore.Tests.Reversible;

/// <summary>Measures the drift figures that docs/reversible-blocks.md quotes, and holds it to them.</summary>
[TestFixture]
internal sealed class DriftTests
{
    // γ, depth, and the drift in Float32 and Float64 that the page gives: above what any of many networks had.
    [TestCase(0.5, 10, 1e-4, 2e-13)]
    [TestCase(0.9, 10, 1e-6, 1e-15)]
    [TestCase(0.9, 50, 1e-4, 3e-13)]
    [TestCase(0.9, 100, 3e-2, 5e-11)]
    [TestCase(0.99, 100, 4e-6, 5e-15)]
    [TestCase(0.999, 300, 2e-6, 5e-15)]
    public void Drift_is_what_the_page_says(double gamma, int depth, double single, double twice)
    {
        double f = Largest(DType.Float32), d = Largest(DType.Float64);
        TestContext.Out.WriteLine($"| {gamma} | {depth} | {f:G2} | {d:G2} |");
        // One network drifts two or three times as far as another, and a processor may round in another order.
        Assert.That(f, Is.LessThanOrEqualTo(single).And.GreaterThan(single / 20), "Float32");
        Assert.That(d, Is.LessThanOrEqualTo(twice).And.GreaterThan(twice / 20), "Float64");

        double Largest(DType dtype) => Enumerable.Range(1, 3).Max(seed => Measure(gamma, depth, dtype, seed));
    }

    private static double Measure(double gamma, int depth, DType dtype, int seed)
    {
        using var scope = TensorScope.Begin();
        var net = Nets.Deep(depth, gamma, MemoryMode.Recompute, width: 64, hidden: 64, seed: 1000 * seed, dtype: dtype);
        net.DriftTolerance = 1e6;
        var x = Nets.Random([16, 64], seed, requiresGradient: true, dtype: dtype);
        net.Call(x).Sum().Backward();
        return net.LastDrift!.Value;
    }
}
