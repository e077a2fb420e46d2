namespace MomentumCore.Samples;

/// <summary>Charts side by side under one title.</summary>
internal sealed record ChartRow(string Title, string Subtitle, IReadOnlyList<LineChart> Charts)
{
    /// <summary>The row as a document.</summary>
    public string ToSvg(double width = 1080, double height = 460)
    {
        var canvas = new SvgCanvas(width, height);
        var area = new ChartArea(0, 0, width, height).Inset(28, 20, 24, 18);
        canvas.Text(area.Left, area.Top + 18, Title, 18, bold: true);
        canvas.Text(area.Left, area.Top + 40, Subtitle, 13, Palette.Muted);
        var columns = area.Inset(0, 58, 0, 0).SplitColumns(Charts.Count, gap: 28);
        for (int i = 0; i < Charts.Count; i++)
            Charts[i].Draw(canvas, columns[i], titleSize: 15);
        return canvas.ToSvg(Title);
    }
}
