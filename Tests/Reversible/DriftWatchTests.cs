using MomentumCore.Reversible;

namespace MomentumCore.Tests.Reversible;

/// <summary>The largest difference is found wherever it lies, and a NaN is never lost.</summary>
[TestFixture]
internal sealed class DriftWatchTests
{
    [Test]
    public void The_largest_difference_is_found_in_every_block(
        [Values(0, 16383, 16384, 39_999, 40_004)] int place, [Values(DType.Float32, DType.Float64)] DType dtype)
    {
        using var scope = TensorScope.Begin();
        var a = Nets.Random([40_005], 1, dtype: dtype);
        var b = a.Clone();
        Assert.That(DriftWatch.LargestDifference(a, b).Read(), Is.Zero);
        b.Slice(0, place, place + 1).Fill(-7);
        double expected = Math.Abs(a.Select(0, place).Item() + 7);
        Assert.That(DriftWatch.LargestDifference(a, b).Read(), Is.EqualTo(expected).Within(1e-6));
        Assert.That(DriftWatch.LargestMagnitude(b).Read(), Is.EqualTo(7));
        b.Slice(0, place, place + 1).Fill(double.NaN);
        Assert.That(DriftWatch.LargestDifference(a, b).Read(), Is.NaN);
        Assert.That(DriftWatch.LargestMagnitude(b).Read(), Is.NaN);
    }

    [Test]
    public void Nothing_differs_by_nothing()
    {
        using var scope = TensorScope.Begin();
        var empty = Tensor.Zeros([0, 3]);
        Assert.That(DriftWatch.LargestDifference(empty, empty).Read(), Is.Zero);
        Assert.That(DriftWatch.LargestMagnitude(empty).Read(), Is.Zero);
    }
}
