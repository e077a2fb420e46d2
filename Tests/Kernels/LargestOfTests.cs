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
    public void Narrow_rows_and_three_at_once_and_the_largest_shares_are_found_as_kernels_find_them(
        [Values(1, 2, 3, 7, 8, 15, 16, 40)] int row,
        [Values(1, 5, 64, 1001)] int rows,
        [Values(0f, 1e-40f, float.PositiveInfinity, float.NaN)] float special)
    {
        int count = rows * row, items = Math.Min(rows, 7);
        var random = new Random(count);
        float[] a = Some(), b = Some(), c = Some(), sizes = new float[rows], wanted = new float[rows];
        float[] moved = new float[rows], velocity = new float[rows], shares = new float[items], best = new float[rows];
        (b[random.Next(count)], c[random.Next(count)]) = (special, special);
        int[] where = new int[items], every = new int[rows];
        fixed (float* pa = a, pb = b, pc = c, ps = sizes, pw = wanted, pm = moved, pv = velocity, pr = shares, pe = best)
        fixed (int* pi = where, pj = every)
        {
            LargestOf.Magnitude(Device.Cpu, View(pa, count), View(pb, count), View(pc, count), View(ps, rows), count, row);
            foreach (float* each in (float*[])[pa, pb, pc])
                Momentum.LargestMagnitude(Device.Cpu, rows, View(each, count), View(pw, rows), LargestOf.Block, row);
            Assert.That(sizes, Is.EqualTo(wanted));
            LargestOf.Difference(Device.Cpu, View(pa, count), View(pb, count), View(pm, rows), count, row);
            Array.Clear(wanted);
            Momentum.LargestDifference(Device.Cpu, rows, View(pa, count), View(pb, count), View(pw, rows), LargestOf.Block, row);
            Assert.That(moved, Is.EqualTo(wanted));
            LargestOf.Magnitude(Device.Cpu, View(pc, count), View(pv, rows), count, row);
            LargestOf.Share(
                Device.Cpu, View(pm, rows), View(pv, rows), View(ps, rows), View(pr, items), new ArrayView<int>(pi, items), 0.9, 1);
            // The share of every row by itself.
            Momentum.LargestShare(
                Device.Cpu, rows, View(pm, rows), View(pv, rows), View(ps, rows), View(pe, rows), new ArrayView<int>(pj, rows), 0.9f,
                1, rows, rows);
        }

        int most = Array.FindIndex(best, s => s.Equals(best.Aggregate(MathF.Max)));
        int found = Array.FindIndex(shares, s => s.Equals(shares.Aggregate(MathF.Max)));
        Assert.That(shares[found], Is.EqualTo(best[most]));
        Assert.That(where[found], Is.EqualTo(most));

        float[] Some() => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }

    [Test]
    public void Rows_that_did_not_move_have_the_share_nought_whatever_their_size()
    {
        float[] none = new float[40], shares = [-1, -1];
        int[] where = [-1, -1];
        fixed (float* pn = none, ps = shares)
        fixed (int* pw = where)
        {
            LargestOf.Share(
                Device.Cpu, View(pn, 40), View(pn, 40), View(pn, 40), View(ps, 2), new ArrayView<int>(pw, 2), 0.5, 1);
        }

        Assert.That(shares, Is.All.Zero);
        Assert.That(where, Is.EqualTo((int[])[0, 20]));
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
