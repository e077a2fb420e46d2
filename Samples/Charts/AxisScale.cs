namespace MomentumCore.Samples;

/// <summary>An axis with known ends: turns a value into a share of the axis.</summary>
internal sealed record AxisScale(ChartAxis Axis, double Low, double High, double[] Ticks)
{
    /// <summary>0 at the low end, 1 at the high end.</summary>
    public double Position(double value) =>
        Axis.IsLogarithmic
            ? (Math.Log(Math.Max(value, double.Epsilon)) - Math.Log(Low)) / (Math.Log(High) - Math.Log(Low))
            : (value - Low) / (High - Low);
}
