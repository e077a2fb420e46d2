namespace MomentumCore.Samples;

/// <summary>One line of a chart.</summary>
/// <param name="Name">Written at the end of the line; empty for none.</param>
/// <param name="Points">
/// In the order in which they are joined; a value that is not finite breaks nothing and is left out.
/// </param>
internal sealed record ChartSeries(string Name, IReadOnlyList<(double X, double Y)> Points)
{
    /// <summary>From the palette, by position, when null.</summary>
    public string? Color { get; init; }

    /// <summary>For a reference or target rather than a measurement.</summary>
    public bool IsDashed { get; init; }

    /// <summary>A disc at each point: says that these, and nothing between, were measured.</summary>
    public bool HasMarkers { get; init; }
}
