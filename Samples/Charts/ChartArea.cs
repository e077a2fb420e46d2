namespace MomentumCore.Samples;

/// <summary>A rectangle of a canvas, in pixels.</summary>
internal readonly record struct ChartArea(double Left, double Top, double Width, double Height)
{
    public double Right => Left + Width;

    public double Bottom => Top + Height;

    /// <summary>What remains inside after margins.</summary>
    public ChartArea Inset(double left, double top, double right, double bottom) =>
        new(Left + left, Top + top, Width - left - right, Height - top - bottom);

    /// <summary>Equal parts side by side.</summary>
    public ChartArea[] SplitColumns(int count, double gap)
    {
        double width = (Width - (gap * (count - 1))) / count;
        var area = this;
        return [.. Enumerable.Range(0, count).Select(
            i => area with { Left = area.Left + (i * (width + gap)), Width = width })];
    }
}
