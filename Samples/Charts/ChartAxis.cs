using System.Globalization;

namespace MomentumCore.Samples;

/// <summary>One axis of a chart: what it measures and how values map to pixels.</summary>
/// <param name="Label">The quantity and its unit, as in "peak tensor memory, MiB".</param>
internal sealed record ChartAxis(string Label)
{
    /// <summary>Equal ratios at equal distances; all values must be positive.</summary>
    public bool IsLogarithmic { get; init; }

    /// <summary>Where the axis starts; from the data when null.</summary>
    public double? Minimum { get; init; }

    /// <summary>Where the axis ends; from the data when null.</summary>
    public double? Maximum { get; init; }

    /// <summary>Ticks lie on whole numbers, for counts such as epochs and layers.</summary>
    public bool IsWhole { get; init; }

    /// <summary>Where ticks belong when the values themselves are the best places; computed when null.</summary>
    public IReadOnlyList<double>? Ticks { get; init; }

    /// <summary>Writes the number at a tick.</summary>
    public Func<double, string> Format { get; init; } = FormatNumber;

    /// <summary>The axis with its ends set so that all values fit between nice ticks.</summary>
    public AxisScale Scale(IEnumerable<double> values, int wantedTicks)
    {
        double[] finite = [.. values.Where(v => double.IsFinite(v) && (!IsLogarithmic || v > 0))];
        double low = Minimum ?? (finite.Length > 0 ? finite.Min() : IsLogarithmic ? 1 : 0);
        double high = Maximum ?? (finite.Length > 0 ? finite.Max() : low + 1);
        if (high <= low)
            high = IsLogarithmic ? low * 10 : low + Math.Max(1, Math.Abs(low));
        double[] ticks = Ticks?.ToArray()
            ?? (IsLogarithmic ? NiceTicks.Logarithmic(low, high) : NiceTicks.Linear(low, high, wantedTicks, IsWhole));
        // An end that was not asked for moves out to the next tick, so that no line leaves the picture.
        if (Ticks == null && ticks.Length > 1)
        {
            low = Minimum ?? Math.Min(low, ticks[0]);
            high = Maximum ?? Math.Max(high, ticks[^1]);
        }

        return new AxisScale(this, low, high, [.. ticks.Where(t => t >= low - 1e-12 && t <= high + 1e-12)]);
    }

    private static string FormatNumber(double value) =>
        Math.Abs(value) is >= 1e7 or (> 0 and < 1e-4)
            ? value.ToString("0.##e0", CultureInfo.InvariantCulture)
            : value.ToString("#,0.####", CultureInfo.InvariantCulture);
}
