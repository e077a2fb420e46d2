using System.Globalization;
using System.Net;
using System.Text;

namespace MomentumCore.Samples;

/// <summary>Writes the few SVG elements that charts are made of, with numbers that every reader understands.</summary>
/// <param name="width">Width in pixels.</param>
/// <param name="height">Height in pixels.</param>
internal sealed class SvgCanvas(double width, double height)
{
    private readonly StringBuilder _body = new();

    /// <summary>Width in pixels.</summary>
    public double Width { get; } = width;

    /// <summary>Height in pixels.</summary>
    public double Height { get; } = height;

    /// <summary>A straight line.</summary>
    public void Line(double x1, double y1, double x2, double y2, string color, double thickness = 1) =>
        Append(
            $"<line x1=\"{N(x1)}\" y1=\"{N(y1)}\" x2=\"{N(x2)}\" y2=\"{N(y2)}\" " +
            $"stroke=\"{color}\" stroke-width=\"{N(thickness)}\"/>");

    /// <summary>A line through all points.</summary>
    public void Polyline(
        IEnumerable<(double X, double Y)> points, string color, double thickness = 2.5, bool dashed = false) =>
        Append(
            $"<polyline fill=\"none\" stroke=\"{color}\" stroke-width=\"{N(thickness)}\" stroke-linejoin=\"round\" " +
            $"stroke-linecap=\"round\"{(dashed ? " stroke-dasharray=\"2 6\"" : "")} " +
            $"points=\"{string.Join(' ', points.Select(p => $"{N(p.X)},{N(p.Y)}"))}\"/>");

    /// <summary>A filled disc.</summary>
    public void Disc(double x, double y, double radius, string color, string? edge = null) =>
        Append(
            $"<circle cx=\"{N(x)}\" cy=\"{N(y)}\" r=\"{N(radius)}\" fill=\"{color}\"" +
            (edge == null ? "/>" : $" stroke=\"{edge}\" stroke-width=\"1.5\"/>"));

    /// <summary>Many small discs of one colour and size, as one element.</summary>
    public void Dots(IEnumerable<(double X, double Y)> centers, double radius, string color, double opacity = 1)
    {
        var path = new StringBuilder();
        foreach (var (x, y) in centers)
            path.Append(CultureInfo.InvariantCulture, $"M{N(x)} {N(y)}h0");
        if (path.Length > 0)
        {
            Append(
                $"<path d=\"{path}\" stroke=\"{color}\" stroke-width=\"{N(2 * radius)}\" stroke-linecap=\"round\" " +
                $"fill=\"none\" stroke-opacity=\"{N(opacity)}\"/>");
        }
    }

    /// <summary>A rectangle.</summary>
    public void Rectangle(
        double x, double y, double width, double height, string fill, string? edge = null, double round = 0) =>
        Append(
            $"<rect x=\"{N(x)}\" y=\"{N(y)}\" width=\"{N(width)}\" height=\"{N(height)}\" " +
            $"fill=\"{fill}\" rx=\"{N(round)}\"" +
            (edge == null ? "/>" : $" stroke=\"{edge}\"/>"));

    /// <summary>One line of text; y is its baseline.</summary>
    public void Text(
        double x, double y, string text, double size = 13, string color = Palette.Text,
        TextAnchor anchor = TextAnchor.Start, bool bold = false) =>
        Append(
            $"<text x=\"{N(x)}\" y=\"{N(y)}\" font-size=\"{N(size)}\" fill=\"{color}\" " +
            $"text-anchor=\"{anchor.ToString().ToLowerInvariant()}\"" +
            $"{(bold ? " font-weight=\"600\"" : "")}>{WebUtility.HtmlEncode(text)}</text>");

    /// <summary>A PNG picture whose pixels stay sharp.</summary>
    public void Image(double x, double y, double width, double height, byte[] png) =>
        Append(
            $"<image x=\"{N(x)}\" y=\"{N(y)}\" width=\"{N(width)}\" height=\"{N(height)}\" " +
            $"style=\"image-rendering:pixelated\" href=\"data:image/png;base64,{Convert.ToBase64String(png)}\"/>");

    /// <summary>The document; <paramref name="title"/> is what a screen reader says.</summary>
    public string ToSvg(string title) =>
        $"""
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {N(Width)} {N(Height)}"
          width="{N(Width)}" height="{N(Height)}" role="img"
          font-family="system-ui, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif">
        <title>{WebUtility.HtmlEncode(title)}</title>
        <rect width="100%" height="100%" fill="{Palette.Background}"/>
        {_body}</svg>

        """;

    private static string N(double value) => Math.Round(value, 2).ToString(CultureInfo.InvariantCulture);

    private void Append(string element) => _body.Append(element).Append('\n');
}
