namespace MomentumCore.Samples;

/// <summary>A line chart whose lines carry their names at their ends, so that no legend needs looking up.</summary>
internal sealed class LineChart
{
    private const double LabelSize = 13;
    private const double LabelSpacing = 17;
    private const double CharacterWidth = 7.2;

    /// <summary>The finding in one sentence.</summary>
    public required string Title { get; init; }

    /// <summary>What was measured, and how.</summary>
    public string? Subtitle { get; init; }

    public required ChartAxis XAxis { get; init; }

    public required ChartAxis YAxis { get; init; }

    public required IReadOnlyList<ChartSeries> Series { get; init; }

    /// <summary>The chart as a document of its own.</summary>
    public string ToSvg(double width = 820, double height = 460)
    {
        var canvas = new SvgCanvas(width, height);
        Draw(canvas, new ChartArea(0, 0, width, height).Inset(28, 20, 24, 18));
        return canvas.ToSvg(Title);
    }

    /// <summary>Draws the chart into a part of a canvas.</summary>
    public void Draw(SvgCanvas canvas, ChartArea area, double titleSize = 18)
    {
        // A long title is set smaller: bold letters are at most about 0.6 of their size wide on average.
        double fitting = Math.Min(titleSize, area.Width / (0.6 * Math.Max(1, Title.Length)));
        canvas.Text(area.Left, area.Top + 18, Title, fitting, bold: true);
        double top = area.Top + 18;
        if (Subtitle != null)
            canvas.Text(area.Left, top += 22, Subtitle, 13, Palette.Muted);

        var points = Series.SelectMany(s => s.Points).ToList();
        var yScale = YAxis.Scale(points.Select(p => p.Y), wantedTicks: 5);
        var xScale = XAxis.Scale(points.Select(p => p.X), wantedTicks: 8);
        double left = 14 + (CharacterWidth * yScale.Ticks.Max(t => YAxis.Format(t).Length));
        double right = 14 + (CharacterWidth * Series.Max(s => s.Name.Length));
        var plot = area.Inset(left, top - area.Top + 46, right, 44);

        canvas.Text(area.Left, plot.Top - 16, YAxis.Label, LabelSize, Palette.Muted);
        DrawAxes(canvas, plot, xScale, yScale);
        var ends = new List<(double Y, double X, string Name, string Color)>();
        for (int i = 0; i < Series.Count; i++)
        {
            string color = Series[i].Color ?? Palette.Series(i);
            (double X, double Y)[] pixels =
            [
                .. Series[i].Points
                    .Where(p => double.IsFinite(p.X) && double.IsFinite(p.Y))
                    .Select(p => (
                        plot.Left + (plot.Width * xScale.Position(p.X)),
                        plot.Bottom - (plot.Height * yScale.Position(p.Y)))),
            ];
            DrawSeries(canvas, Series[i], pixels, color);
            if (pixels.Length > 0 && Series[i].Name.Length > 0)
                ends.Add((pixels[^1].Y, pixels[^1].X, Series[i].Name, color));
        }

        DrawLabels(canvas, plot, ends);
    }

    private static void DrawSeries(SvgCanvas canvas, ChartSeries series, (double X, double Y)[] pixels, string color)
    {
        if (pixels.Length > 1)
            canvas.Polyline(pixels, color, dashed: series.IsDashed);
        if (series.HasMarkers || pixels.Length == 1)
        {
            foreach (var (x, y) in pixels)
                canvas.Disc(x, y, 4.5, color, Palette.Background);
        }
    }

    private static void DrawLabels(
        SvgCanvas canvas, ChartArea plot, List<(double Y, double X, string Name, string Color)> ends)
    {
        // From top to bottom, each at least one line below the one before; then pushed up where that left the plot.
        if (ends.Count == 0)
            return;
        double left = ends.Max(e => e.X) + 12;
        var labels = ends.OrderBy(e => e.Y).ToList();
        var positions = labels.Select(l => l.Y).ToArray();
        for (int i = 1; i < positions.Length; i++)
            positions[i] = Math.Max(positions[i], positions[i - 1] + LabelSpacing);
        for (int i = positions.Length - 1; i >= 0; i--)
            positions[i] = Math.Min(positions[i], plot.Bottom - (LabelSpacing * (positions.Length - 1 - i)));
        for (int i = 0; i < labels.Count; i++)
            canvas.Text(left, positions[i] + 4.5, labels[i].Name, LabelSize, labels[i].Color, bold: true);
    }

    private static void DrawAxes(SvgCanvas canvas, ChartArea plot, AxisScale xScale, AxisScale yScale)
    {
        foreach (double tick in yScale.Ticks)
        {
            double y = plot.Bottom - (plot.Height * yScale.Position(tick));
            canvas.Line(plot.Left, y, plot.Right, y, Palette.Grid);
            canvas.Text(plot.Left - 10, y + 4.5, yScale.Axis.Format(tick), LabelSize, Palette.Muted, TextAnchor.End);
        }

        canvas.Line(plot.Left, plot.Bottom, plot.Right, plot.Bottom, Palette.AxisLine, 1.2);
        foreach (double tick in xScale.Ticks)
        {
            double x = plot.Left + (plot.Width * xScale.Position(tick));
            canvas.Line(x, plot.Bottom, x, plot.Bottom + 5, Palette.AxisLine, 1.2);
            canvas.Text(x, plot.Bottom + 20, xScale.Axis.Format(tick), LabelSize, Palette.Muted, TextAnchor.Middle);
        }

        double middle = plot.Left + (plot.Width / 2);
        canvas.Text(middle, plot.Bottom + 42, xScale.Axis.Label, LabelSize, Palette.Muted, TextAnchor.Middle);
    }
}
