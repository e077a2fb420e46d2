namespace MomentumCore.Samples;

/// <summary>
/// The colours of all charts: Okabe and Ito's set, which colour-blind readers can tell apart, on white.
/// </summary>
internal static class Palette
{
    public const string Background = "#ffffff";
    public const string Text = "#1c2430";
    public const string Muted = "#5b6674";
    public const string Grid = "#e3e7ec";
    public const string AxisLine = "#9aa4b1";

    public const string Blue = "#0072b2";
    public const string Vermilion = "#d55e00";
    public const string Green = "#009e73";
    public const string Purple = "#a3528f";

    private static readonly string[] Order = [Blue, Vermilion, Green, Purple, "#e69f00", "#56b4e9"];

    // Six stops of Matplotlib's "viridis" (CC0), dark to light, short of the yellow that is lost on white.
    private static readonly (int R, int G, int B)[] Viridis =
        [(68, 1, 84), (65, 68, 135), (42, 120, 142), (34, 168, 132), (122, 209, 81), (189, 223, 38)];

    /// <summary>The colour of the n-th series.</summary>
    public static string Series(int index) => Order[index % Order.Length];

    /// <summary>A colour for an ordered quantity.</summary>
    /// <param name="position">From 0 (dark) to 1 (light).</param>
    public static string Sequential(double position)
    {
        double scaled = Math.Clamp(position, 0, 1) * (Viridis.Length - 1);
        int low = Math.Min((int)scaled, Viridis.Length - 2);
        double part = scaled - low;
        var (a, b) = (Viridis[low], Viridis[low + 1]);
        return $"#{Mix(a.R, b.R):x2}{Mix(a.G, b.G):x2}{Mix(a.B, b.B):x2}";

        int Mix(int from, int to) => (int)Math.Round(from + (part * (to - from)));
    }
}
