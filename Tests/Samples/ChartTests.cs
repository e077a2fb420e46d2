using System.Buffers.Binary;
using System.IO.Compression;
using System.Xml.Linq;
using MomentumCore.Samples;

namespace MomentumCore.Tests.Samples;

/// <summary>The pictures: well-formed, inside their frame, at round numbers.</summary>
public sealed class ChartTests
{
    [TestCase(0, 1, new[] { 0, 0.2, 0.4, 0.6, 0.8, 1 })]
    [TestCase(3, 97, new[] { 0.0, 20, 40, 60, 80, 100 })]
    [TestCase(-0.7, 0.9, new[] { -1, -0.5, 0, 0.5, 1 })]
    public void Linear_ticks_are_round_and_enclose_the_data(double low, double high, double[] expected) =>
        Assert.That(NiceTicks.Linear(low, high, 5), Is.EqualTo(expected).Within(1e-12));

    [Test]
    public void Ticks_of_a_count_are_whole() =>
        Assert.That(NiceTicks.Linear(1, 3, 8, whole: true), Is.EqualTo(new[] { 1.0, 2, 3 }));

    [TestCase(3, 40, new[] { 2.0, 5, 10, 20, 50 })]
    [TestCase(1, 1e6, new[] { 1, 10, 100, 1e3, 1e4, 1e5, 1e6 })]
    public void Logarithmic_ticks_are_powers_of_ten_and_two_and_five_between(
        double low, double high, double[] expected) =>
        Assert.That(NiceTicks.Logarithmic(low, high), Is.EqualTo(expected).Within(1e-9));

    [Test]
    public void A_line_chart_is_well_formed_and_keeps_its_lines_inside()
    {
        var chart = new LineChart
        {
            Title = "a < b & \"c\"",
            XAxis = new ChartAxis("depth"),
            YAxis = new ChartAxis("bytes") { IsLogarithmic = true },
            Series = [new ChartSeries("<one>", [(1, 3), (2, 700), (3, double.NaN), (4, 21)]) { HasMarkers = true }],
        };
        var svg = XDocument.Parse(chart.ToSvg(600, 400)).Root!;
        var line = svg.Descendants().Single(e => e.Name.LocalName == "polyline");
        double[][] points = [.. line.Attribute("points")!.Value.Split(' ').Select(
            p => p.Split(',').Select(double.Parse).ToArray())];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(svg.Descendants().First(e => e.Name.LocalName == "title").Value, Is.EqualTo("a < b & \"c\""));
            Assert.That(points, Has.Length.EqualTo(3), "the NaN is left out");
            Assert.That(points.Select(p => p[0]), Is.Ordered.And.All.InRange(0, 600));
            Assert.That(points.Select(p => p[1]), Is.All.InRange(0, 400));
            Assert.That(points[1][1], Is.LessThan(points[0][1]), "greater values are higher up");
        }
    }

    [Test]
    public void Labels_of_lines_that_end_together_do_not_overlap()
    {
        var chart = new LineChart
        {
            Title = "t",
            XAxis = new ChartAxis("x"),
            YAxis = new ChartAxis("y"),
            Series = [.. Enumerable.Range(0, 4).Select(i => new ChartSeries($"line {i}", [(0, i), (1, 5)]))],
        };
        double[] baselines =
        [
            .. XDocument.Parse(chart.ToSvg()).Descendants()
                .Where(e => e.Name.LocalName == "text" && e.Value.StartsWith("line ", StringComparison.Ordinal))
                .Select(e => (double)e.Attribute("y")!).Order(),
        ];
        Assert.That(baselines.Zip(baselines.Skip(1), (a, b) => b - a), Has.Exactly(3).GreaterThanOrEqualTo(13));
    }

    [Test]
    public void A_scatter_grid_draws_every_panel_even_with_points_at_infinity()
    {
        var panel = new ScatterPanel("input", [[(0.5, 1), (double.PositiveInfinity, 0)], []]);
        var grid =
            new ScatterGrid { Title = "t", Subtitle = "s", ClassNames = ["a", "b"], Panels = [panel, panel, panel] };
        string svg = grid.ToSvg();
        Assert.That(XDocument.Parse(svg).Descendants().Count(e => e.Name.LocalName == "path"), Is.EqualTo(3));
        Assert.That(svg, Does.Not.Contain("NaN").And.Not.Contain("Infinity"));
    }

    [Test]
    public void An_image_grid_carries_its_pictures_inside()
    {
        var cell = new ImageGridCell([0, 255, 9, 8], 2, 2, "7", "1");
        var grid = new ImageGrid { Title = "t", Subtitle = "s", Cells = [cell] };
        var image = XDocument.Parse(grid.ToSvg()).Descendants().Single(e => e.Name.LocalName == "image");
        Assert.That(image.Attribute("href")!.Value, Does.StartWith("data:image/png;base64,"));
    }

    [Test]
    public void A_png_holds_the_pixels_and_the_published_check_sum_of_its_end()
    {
        byte[] pixels = [0, 50, 100, 150, 200, 250];
        byte[] png = PngEncoder.Encode(pixels, 3, 2);
        int dataLength = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(33));
        using var zlib = new ZLibStream(new MemoryStream(png, 41, dataLength), CompressionMode.Decompress);
        var rows = new byte[8];
        zlib.ReadExactly(rows);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(rows, Is.EqualTo(new byte[] { 0, 0, 50, 100, 0, 150, 200, 250 }));
            Assert.That(
                png[^12..], Is.EqualTo(new byte[] { 0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82 }));
        }
    }

    [Test]
    public void A_png_refuses_pixels_that_do_not_fill_it() =>
        Assert.That(
            () => PngEncoder.Encode(new byte[5], 2, 3), Throws.ArgumentException.With.Message.Contains("5 pixels"));
}
