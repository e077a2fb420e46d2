using MomentumCore.Kernels.Dialect;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Tests.Kernels;

/// <summary>The vector twins of the searches for the largest magnitude find what the kernels find.</summary>
[TestFixture]
internal sealed unsafe class LargestOfTests
{
    [Test]
    public void The_vector_loops_find_what_the_kernels_find(
        [Values(0, 1, 15, 17, 16_384, 33_001, 50_001)] int count,
        [Values(1, 3, 17)] int rows,
        [Values(0f, float.Epsilon, float.PositiveInfinity, float.NegativeInfinity, float.NaN)] float special)
    {
        var random = new Random(count);
        float[] a = [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
        float[] b = [.. a.Select(v => v + (1e-3f * random.NextSingle()))];
        if (count > 0)
            a[random.Next(count)] = special;
        double[] a64 = [.. a.Select(v => (double)v)], b64 = [.. b.Select(v => (double)v)];
        int row = count % rows == 0 && count > 0 ? count / rows : Math.Max(1, count);
        int blocks = LargestOf.Blocks(count, row);
        float[] found = new float[2 * blocks], wanted = new float[2 * blocks];
        double[] found64 = new double[2 * blocks], wanted64 = new double[2 * blocks];
        fixed (float* pa = a, pb = b, pf = found, pw = wanted)
        fixed (double* pa64 = a64, pb64 = b64, pf64 = found64, pw64 = wanted64)
        {
            LargestOf.Difference(Device.Cpu, View(pa, count), View(pb, count), View(pf, blocks), count, row);
            LargestOf.Magnitude(Device.Cpu, View(pa, count), View(pf + blocks, blocks), count, row);
            LargestOf.Difference(Device.Cpu, View(pa64, count), View(pb64, count), View(pf64, blocks), count, row);
            LargestOf.Magnitude(Device.Cpu, View(pa64, count), View(pf64 + blocks, blocks), count, row);
            Momentum.LargestDifference(
                Device.Cpu, blocks, View(pa, count), View(pb, count), View(pw, blocks), LargestOf.Block, row);
            Momentum.LargestMagnitude(
                Device.Cpu, blocks, View(pa, count), View(pw + blocks, blocks), LargestOf.Block, row);
            Momentum.LargestDifference(
                Device.Cpu, blocks, View(pa64, count), View(pb64, count), View(pw64, blocks), LargestOf.Block, row);
            Momentum.LargestMagnitude(
                Device.Cpu, blocks, View(pa64, count), View(pw64 + blocks, blocks), LargestOf.Block, row);
        }

        Assert.That(found, Is.EqualTo(wanted));
        Assert.That(found64, Is.EqualTo(wanted64));
    }

    [Test]
    public void A_view_that_is_too_short_is_refused()
    {
        float[] a = new float[4];
        fixed (float* pa = a)
        {
            var (view, largest) = (View(pa, 4), View(pa, 1));
            Assert.That(
                () => LargestOf.Magnitude(Device.Cpu, view, largest, 5, 5),
                Throws.ArgumentException.With.Message.Contains("4 elements does not hold 5"));
        }
    }

    private static ArrayView<T> View<T>(T* start, int length)
        where T : unmanaged => new(start, length);
}
