using System.Globalization;

namespace MomentumCore.Samples;

/// <summary>Small multiples: the same points again and again, one panel for each stage they pass through.</summary>
internal sealed class ScatterGrid
{
    private const double CaptionHeight = 22;
    private const double Gap = 16;

    /// <summary>The finding in one sentence.</summary>
    public required string Title { get; init; }

    /// <summary>What is shown, and how.</summary>
    public required string Subtitle { get; init; }

    /// <summary>The names of the classes, in the order of <see cref="ScatterPanel.Classes"/>.</summary>
    public required IReadOnlyList<string> ClassNames { get; init; }

    public required IReadOnlyList<ScatterPanel> Panels { get; init; }

    public int Columns { get; init; } = 6;

    public double PanelSize { get; init; } = 164;

    /// <summary>
    /// The grid as a document. Each panel has its own scale, equal in both directions, which it states.
    /// </summary>
    public string ToSvg()
    {
        int rows = (Panels.Count + Columns - 1) / Columns;
        double width = 56 + (Columns * PanelSize) + ((Columns - 1) * Gap);
        double height = 116 + (rows * (PanelSize + CaptionHeight + Gap));
        var canvas = new SvgCanvas(width, height);
        canvas.Text(28, 38, Title, 18, bold: true);
        canvas.Text(28, 60, Subtitle, 13, Palette.Muted);
        DrawLegend(canvas, 28, 86);
        for (int i = 0; i < Panels.Count; i++)
        {
            double left = 28 + (i % Columns * (PanelSize + Gap));
            double top = 106 + (i / Columns * (PanelSize + CaptionHeight + Gap));
            DrawPanel(canvas, Panels[i], new ChartArea(left, top, PanelSize, PanelSize + CaptionHeight));
        }

        return canvas.ToSvg(Title);
    }

    private static void DrawPanel(SvgCanvas canvas, ScatterPanel panel, ChartArea area)
    {
        var box = area.Inset(0, CaptionHeight, 0, 0);
        double reach = 1.06 * Math.Max(1e-9, panel.Classes.SelectMany(c => c)
            .Where(p => double.IsFinite(p.X) && double.IsFinite(p.Y))
            .Select(p => Math.Max(Math.Abs(p.X), Math.Abs(p.Y)))
            .DefaultIfEmpty(1)
            .Max());
        canvas.Rectangle(box.Left, box.Top, box.Width, box.Height, "#fafbfc", Palette.Grid, round: 4);
        canvas.Line(box.Left, box.Top + (box.Height / 2), box.Right, box.Top + (box.Height / 2), Palette.Grid);
        canvas.Line(box.Left + (box.Width / 2), box.Top, box.Left + (box.Width / 2), box.Bottom, Palette.Grid);
        for (int i = 0; i < panel.Classes.Count; i++)
        {
            canvas.Dots(
                panel.Classes[i].Where(p => double.IsFinite(p.X) && double.IsFinite(p.Y)).Select(p => (
                    box.Left + (box.Width * (0.5 + (p.X / (2 * reach)))),
                    box.Top + (box.Height * (0.5 - (p.Y / (2 * reach)))))),
                1.5, Palette.Series(i), 0.65);
        }

        canvas.Text(area.Left, area.Top + 14, panel.Caption, 13, bold: true);
        string scale = reach.ToString(reach < 10 ? "0.0" : "#,0", CultureInfo.InvariantCulture);
        canvas.Text(area.Right, area.Top + 14, $"±{scale}", 12, Palette.Muted, TextAnchor.End);
    }

    private void DrawLegend(SvgCanvas canvas, double x, double y)
    {
        for (int i = 0; i < ClassNames.Count; i++)
        {
            canvas.Disc(x + 5, y - 4.5, 5, Palette.Series(i));
            canvas.Text(x + 16, y, ClassNames[i], 13, Palette.Series(i), bold: true);
            x += 40 + (7.4 * ClassNames[i].Length);
        }
    }
}
