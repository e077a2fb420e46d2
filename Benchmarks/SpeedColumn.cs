using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace MomentumCore.Benchmarks;

/// <summary>Shows 10⁹ multiplications and additions per second, from the median time.</summary>
public sealed class SpeedColumn : IColumn
{
    /// <inheritdoc/>
    public string Id => nameof(SpeedColumn);

    /// <inheritdoc/>
    public string ColumnName => "GFLOP/s";

    /// <inheritdoc/>
    public bool AlwaysShow => true;

    /// <inheritdoc/>
    public ColumnCategory Category => ColumnCategory.Custom;

    /// <inheritdoc/>
    public int PriorityInCategory => 0;

    /// <inheritdoc/>
    public bool IsNumeric => true;

    /// <inheritdoc/>
    public UnitType UnitType => UnitType.Dimensionless;

    /// <inheritdoc/>
    public string Legend => "10⁹ multiplications and additions per second";

    /// <inheritdoc/>
    public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
    {
        var work = benchmarkCase.Parameters.Items.Select(item => item.Value).OfType<IWork>().FirstOrDefault();
        // A gradient is measured together with the forward step that records it, which takes as many operations.
        int passes = benchmarkCase.Descriptor.WorkloadMethod.Name.EndsWith("Gradient", StringComparison.Ordinal) ? 2 : 1;
        double? nanoseconds = summary[benchmarkCase]?.ResultStatistics?.Median;
        return work == null || nanoseconds == null
            ? "-"
            : (passes * work.Operations / nanoseconds.Value).ToString("F1", CultureInfo.InvariantCulture);
    }

    /// <inheritdoc/>
    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) =>
        GetValue(summary, benchmarkCase);

    /// <inheritdoc/>
    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    /// <inheritdoc/>
    public bool IsAvailable(Summary summary) => true;
}
