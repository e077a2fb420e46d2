using MomentumCore.Kernels.Devices;
using MomentumCore.Reversible;

namespace MomentumCore.Samples;

/// <summary>Store against Recompute at several depths: measured, as a table, and as a picture.</summary>
internal sealed record MemoryComparison(IReadOnlyList<MemoryComparisonRow> Rows)
{
    private MemoryComparisonRow Deepest => Rows[^1];

    /// <summary>The finding in one clause.</summary>
    public string Finding => Deepest.MemoryRatio >= 1
        ? $"At depth {Deepest.Depth} recomputing needs {Quantity.Number(Deepest.MemoryRatio)} × less memory than " +
            "storing " +
          $"and {Quantity.Number(Deepest.TimeRatio)} × the time"
        : $"At depth {Deepest.Depth} storing still needs less memory than recomputing";

    /// <summary>Measures both modes at every depth.</summary>
    public static MemoryComparison Measure(
        Device device, IEnumerable<int> depths, Func<int, MemoryMode, TrainingStep> prepare, int repeats,
        IProgress<MemoryComparisonRow>? progress, CancellationToken cancellation)
    {
        var rows = new List<MemoryComparisonRow>();
        foreach (int depth in depths)
        {
            var row = new MemoryComparisonRow(
                depth,
                StepMeasurement.Take(device, () => prepare(depth, MemoryMode.Store), repeats, cancellation),
                StepMeasurement.Take(device, () => prepare(depth, MemoryMode.Recompute), repeats, cancellation));
            rows.Add(row);
            progress?.Report(row);
        }

        return new MemoryComparison(rows);
    }

    /// <summary>Shows the table.</summary>
    public void Show(AppHost host, string title) => host.ShowTable(
        title,
        ["Depth", "Store", "Recompute", "Memory saved", "Store time", "Recompute time", "Time ratio"],
        Rows.Select(r => new[]
        {
            $"{r.Depth}", Quantity.Bytes(r.Store.PeakTensorBytes), Quantity.Bytes(r.Recompute.PeakTensorBytes),
            $"{Quantity.Number(r.MemoryRatio)} ×", Quantity.Milliseconds(r.Store.MedianMs),
            Quantity.Milliseconds(r.Recompute.MedianMs),
            $"{Quantity.Number(r.TimeRatio)} ×",
        }),
        leftColumns: 0);

    /// <summary>The picture: peak memory against depth.</summary>
    public LineChart ToChart(string subtitle) => new()
    {
        Title = Deepest.MemoryRatio >= 1
            ? $"At depth {Deepest.Depth} recomputing needs {Quantity.Number(Deepest.MemoryRatio)} × less memory " +
                "than storing"
            : Finding,
        Subtitle = subtitle,
        XAxis = new ChartAxis("depth, layers") { IsWhole = true, Minimum = 0 },
        YAxis = new ChartAxis("peak tensor memory, MiB") { Minimum = 0 },
        Series =
        [
            new ChartSeries("Store", Points(r => r.Store)) { HasMarkers = true },
            new ChartSeries("Recompute", Points(r => r.Recompute)) { HasMarkers = true },
        ],
    };

    private (double X, double Y)[] Points(Func<MemoryComparisonRow, StepMeasurement> side) =>
        [.. Rows.Select(r => ((double)r.Depth, Quantity.Mebibytes(side(r).PeakTensorBytes)))];
}
