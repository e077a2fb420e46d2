namespace MomentumCore.Samples;

/// <summary>A page of small grey pictures, each with a line of text under it.</summary>
internal sealed class ImageGrid
{
    private const double Cell = 84;
    private const double Gap = 18;
    private const double CaptionHeight = 40;

    /// <summary>The finding in one sentence.</summary>
    public required string Title { get; init; }

    /// <summary>What is shown, and how to read the captions.</summary>
    public required string Subtitle { get; init; }

    public required IReadOnlyList<ImageGridCell> Cells { get; init; }

    public int Columns { get; init; } = 10;

    /// <summary>The page as a document.</summary>
    public string ToSvg()
    {
        int rows = (Cells.Count + Columns - 1) / Columns;
        double width = 56 + (Columns * Cell) + ((Columns - 1) * Gap);
        var canvas = new SvgCanvas(width, 92 + (rows * (Cell + CaptionHeight)) + 8);
        canvas.Text(28, 38, Title, 18, bold: true);
        canvas.Text(28, 60, Subtitle, 13, Palette.Muted);
        for (int i = 0; i < Cells.Count; i++)
        {
            double left = 28 + (i % Columns * (Cell + Gap));
            double top = 84 + (i / Columns * (Cell + CaptionHeight));
            var cell = Cells[i];
            canvas.Image(left, top, Cell, Cell, PngEncoder.Encode(cell.Pixels, cell.Width, cell.Height));
            canvas.Text(left, top + Cell + 16, cell.Left, 13, bold: true);
            canvas.Text(left + Cell, top + Cell + 16, cell.Right, 13, Palette.Vermilion, TextAnchor.End, bold: true);
        }

        return canvas.ToSvg(Title);
    }
}
