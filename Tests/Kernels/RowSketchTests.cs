using MomentumCore.Kernels.Dialect;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Tests.Kernels;

/// <summary>Sketches of rows: the CPU's vector loops against the kernels, and what a change of a row does to them.</summary>
[TestFixture]
internal sealed unsafe class RowSketchTests
{
    [Test]
    public void The_vector_loops_find_what_the_kernels_find(
        [Values(0, 1, 63, 500, 4096, 20_011)] int count,
        [Values(1, 3, 64, 500, 1024, 2500, 20_011)] int row,
        [Values(61, 128, RowSketch.Piece)] int window,
        [Values(3, int.MaxValue)] int most)
    {
        var rows = SketchedRows.All(count, row, window, turn: most % 7);
        rows = rows with { Taken = Math.Min(rows.Taken, most) };
        var random = new Random(count + row);
        float[] x = [.. Enumerable.Range(0, count).Select(_ => (float)((2 * random.NextDouble()) - 1))];
        double[] wide = [.. x.Select(v => (double)v)];
        double[] expected = WithKernels(x, rows);
        AssertNear(Sketch(x, rows), expected, 1e-3);
        AssertNear(Sketch(wide, rows), expected, 1e-9);
        AssertNear(WithKernels(wide, rows), expected, 1e-9);
    }

    [TestCase(1e-20f)]
    [TestCase(1e-30f)]
    [TestCase(1e20f)]
    [TestCase(3e37f)]
    public void The_size_of_a_row_does_not_matter_even_where_its_squares_leave_the_range_of_floats(float size)
    {
        var random = new Random(5);
        float[] x = [.. Enumerable.Range(0, 300).Select(_ => (float)((2 * random.NextDouble()) - 1))];
        float[] scaled = [.. x.Select((v, i) => i is >= 100 and < 200 ? size * v : v)];
        double[] found = Sketch(scaled, 100), expected = Sketch(x, 100);
        Assert.That(found[0], Is.EqualTo(expected[0]).Within(1e-5));
        Assert.That(found[1], Is.EqualTo(expected[1]).Within(1e-5));
        Assert.That(Math.Abs(found[3] - expected[3]), Is.EqualTo(Math.Abs(Math.Log(size))).Within(1e-5));
        AssertNear(WithKernels(scaled, 100), found, 1e-5);
    }

    [TestCase(float.NaN)]
    [TestCase(float.PositiveInfinity)]
    [TestCase(float.NegativeInfinity)]
    public void What_is_not_finite_is_not_lost(float special)
    {
        float[] x = [.. Enumerable.Repeat(1f, 5000)];
        x[4321] = special;
        Assert.That(Sketch(x, 50), Is.All.NaN);
        Assert.That(WithKernels(x, 50), Is.All.NaN);
        Assert.That(Sketch([.. x.Select(v => (double)v)], 50), Is.All.NaN);
        Assert.That(Sketch([.. Enumerable.Repeat(1e200, 50)], 50), Is.All.NaN, "squares that no double holds");
    }

    [Test]
    public void Rows_of_zeros_add_nothing()
    {
        Assert.That(Sketch(new float[500], 50), Is.All.Zero);
        float[] x = new float[500];
        x[270] = -3;
        double[] found = Sketch(x, 50);
        Assert.That(found.Take(2).Select(Math.Abs), Is.All.GreaterThan(0.001).And.All.LessThan(1));
        Assert.That(found[3], Is.EqualTo(Math.Log(3)).Within(1e-12));
    }

    [Test]
    public void A_change_of_a_row_shows_as_its_share_whatever_the_sizes_of_the_rows(
        [Values(1e-3, 0.1, 1)] double share, [Values(1, 1e6)] double sizeOfOthers, [Values(64, 500, 3000)] int row)
    {
        var squares = new List<double>();
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            double[] x = [.. Enumerable.Range(0, 8 * row).Select(i => (i < row ? 1 : sizeOfOthers) * Normal(random))];
            double norm = Math.Sqrt(x.Take(row).Sum(v => v * v));
            double[] by = [.. Enumerable.Range(0, row).Select(_ => Normal(random))];
            double length = Math.Sqrt(by.Sum(v => v * v));
            double[] moved = [.. x.Select((v, i) => i < row ? v + (share * norm * by[i] / length) : v)];
            double[] moves = [.. Sketch(x, row).Zip(Sketch(moved, row), (a, b) => a - b)];
            squares.Add((1.5 * ((moves[0] * moves[0]) + (moves[1] * moves[1]))) + (12.0 / 13 * moves[2] * moves[2]));
        }

        // Of 120 squares of about normal numbers. The direction changes by less than the share where that is large.
        Assert.That(Math.Sqrt(squares.Average()) / share, Is.InRange(0.6, 1.3));
    }

    [Test]
    public void A_row_that_is_scaled_shows_too()
    {
        double[] x = [.. Enumerable.Range(1, 640).Select(i => Math.Sin(i))];
        double[] scaled = [.. x.Select((v, i) => i < 64 ? 1.5 * v : v)];
        Assert.That(Sketch(scaled, 64)[3] - Sketch(x, 64)[3], Is.EqualTo(Math.Log(1.5)).Within(1e-12));
        Assert.That(Math.Abs(Sketch(x, 64)[2] - Sketch(scaled, 64)[2]), Is.InRange(0.5 * Math.Log(1.5), 1.5 * Math.Log(1.5)));
    }

    // 40 rows of 500, in all of which one element changes: windows of 128 lie at other places in every row.
    [Test]
    public void A_change_at_one_place_of_long_rows_is_seen_in_some_rows_whatever_the_place([Values(0, 17, 250, 499)] int place)
    {
        double[] x = [.. Enumerable.Range(0, 20_000).Select(i => Math.Sin(i))];
        double[] moved = [.. x.Select((v, i) => i % 500 == place ? v + 1 : v)];
        double[] one = Sketch(x, 500, 128), other = Sketch(moved, 500, 128);
        double share = Math.Sqrt(one.Zip(other, (a, b) => (a - b) * (a - b)).Sum() / 40);
        Assert.That(share, Is.GreaterThan(0.004));
    }

    [Test]
    public void Rows_that_are_taken_are_spread_and_other_ones_each_turn([Values(16, 17, 100, 4000)] int rows)
    {
        var seen = new HashSet<int>();
        for (int turn = 0; turn < 40 * rows; turn += 3)
        {
            int[] taken = [.. Enumerable.Range(0, 16).Select(number => RowSketch.RowAt(number, rows, 16, turn))];
            Assert.That(taken, Is.Ordered.And.Unique.And.All.InRange(0, rows - 1));
            Assert.That(taken.Zip(taken.Skip(1), (a, b) => b - a), Is.All.LessThanOrEqualTo(2 * ((rows / 16) + 1)));
            seen.UnionWith(taken);
        }

        Assert.That(seen, Has.Count.EqualTo(rows));
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static void AssertNear(double[] actual, double[] expected, double tolerance)
    {
        for (int r = 0; r < RowSketch.Sums; r++)
            Assert.That(actual[r], Is.EqualTo(expected[r]).Within(tolerance), $"sum {r}");
    }

    private static double[] Sketch<T>(T[] x, int row, int window = RowSketch.Piece)
        where T : unmanaged => Sketch(x, SketchedRows.All(x.Length, row, window));

    private static double[] Sketch<T>(T[] x, SketchedRows rows)
        where T : unmanaged
    {
        double[] totals = new double[rows.Totals(Device.Cpu)];
        Assert.That(rows.Scratch(Device.Cpu), Is.Zero);
        fixed (T* px = x)
        fixed (double* pt = totals)
            RowSketcher.Launch(Device.Cpu, new ArrayView<T>(px, x.Length), default, new ArrayView<double>(pt, totals.Length), rows);
        return AddUp(totals);
    }

    private static double[] WithKernels<T>(T[] x, int row)
        where T : unmanaged => WithKernels(x, SketchedRows.All(x.Length, row));

    private static double[] WithKernels<T>(T[] x, SketchedRows rows)
        where T : unmanaged
    {
        int windows = rows.Taken * rows.Pieces, items = Math.Min(rows.Taken, 7);
        double[] parts = new double[RowSketch.PieceSums * windows], totals = new double[RowSketch.Sums * items];
        fixed (T* px = x)
        fixed (double* pp = parts, pt = totals)
        {
            var (all, sums) = (new ArrayView<double>(pp, parts.Length), new ArrayView<double>(pt, totals.Length));
            if (typeof(T) == typeof(float))
            {
                RowSketch.OfPieces(
                    Device.Cpu, windows, new ArrayView<float>((float*)px, x.Length), all, rows.Row, RowSketch.Piece, rows.Window,
                    x.Length, rows.Taken, rows.Turn);
            }
            else
            {
                RowSketch.OfPieces(
                    Device.Cpu, windows, new ArrayView<double>((double*)px, x.Length), all, rows.Row, RowSketch.Piece, rows.Window,
                    x.Length, rows.Taken, rows.Turn);
            }

            RowSketch.OfRows(Device.Cpu, items, all, sums, rows.Pieces, rows.Taken, items, rows.Turn);
        }

        return AddUp(totals);
    }

    private static double[] AddUp(double[] totals) =>
        [.. Enumerable.Range(0, RowSketch.Sums).Select(r => totals.Where((_, i) => i % RowSketch.Sums == r).Sum())];
}
