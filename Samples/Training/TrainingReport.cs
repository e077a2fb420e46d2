using MomentumCore.Engine;
using MomentumCore.Layers;

namespace MomentumCore.Samples;

/// <summary>
/// Writes what a training leaves behind: curves, memory picture, misread digits, weights and the page about them.
/// </summary>
internal static class TrainingReport
{
    public const string CurvesName = "curves.svg";
    public const string MemoryName = "memory.svg";
    public const string MisreadName = "misread.svg";
    public const string WeightsName = "weights.safetensors";
    public const string PageName = "index.html";

    /// <summary>The files, the page first.</summary>
    public static IReadOnlyList<string> AllNames { get; } =
        [PageName, CurvesName, MemoryName, MisreadName, WeightsName];

    private const int MaximumMisread = 64;

    /// <summary>Writes all files; each whole or not at all.</summary>
    public static void Write(
        OutputFolder folder, TrainingSettings settings, IReadOnlyList<EpochResult> history, MemoryComparison memory,
        Module network, IReadOnlyList<MisreadDigit> misread, int testCount, string deviceName)
    {
        Safetensors.Save(folder.PathOf(WeightsName), network.StateDict(), new Dictionary<string, string>
        {
            ["network"] = nameof(DigitNetwork),
            ["depth"] = $"{settings.Depth}",
            ["testAccuracy"] = Quantity.Percent(history[^1].TestAccuracy),
        });
        folder.Write(CurvesName, Curves(settings, history).ToSvg());
        string measured = $"One training step of the digit network, batch {settings.BatchSize}; " +
            $"depth is layers in each stage; peak of all tensors on {deviceName}";
        folder.Write(MemoryName, memory.ToChart(measured).ToSvg(1080, 440));
        folder.Write(MisreadName, Misread(misread, testCount).ToSvg());
        int parameters = network.Parameters().Sum(p => p.Count);
        folder.Write(PageName, TrainingPage.ToHtml(settings, history, memory, parameters, misread.Count));
    }

    /// <summary>Loss and wrong answers against epochs.</summary>
    public static ChartRow Curves(string title, string subtitle, string wrong, IReadOnlyList<EpochResult> history) => new(
        title,
        subtitle,
        [
            Panel("Loss", "cross-entropy, nats", history, e => e.TrainingLoss, e => e.TestLoss),
            Panel(wrong, "share, %", history, e => 100 * (1 - e.TrainingAccuracy), e => 100 * (1 - e.TestAccuracy)),
        ]);

    private static ChartRow Curves(TrainingSettings settings, IReadOnlyList<EpochResult> history) => Curves(
        $"The momentum network reads {Quantity.Percent(history[^1].TestAccuracy)} of the test digits " +
        $"after {Quantity.Count(history.Count, "epoch")}",
        $"Training digits are shifted at random, test digits are not; batch {settings.BatchSize}, " +
        $"memory mode {settings.Memory}, seed {settings.Seed}",
        "Misread digits",
        history);

    private static LineChart Panel(
        string title, string unit, IReadOnlyList<EpochResult> history, Func<EpochResult, double> training,
        Func<EpochResult, double> test)
    {
        return new LineChart
        {
            Title = title,
            XAxis = new ChartAxis("epoch") { IsWhole = true, Minimum = 1, Maximum = Math.Max(2, history.Count) },
            YAxis = new ChartAxis(unit) { IsLogarithmic = true },
            Series = [Series("training", training), Series("test", test)],
        };

        ChartSeries Series(string name, Func<EpochResult, double> value) =>
            new(name, [.. history.Select(e => ((double)e.Epoch, value(e)))]) { HasMarkers = history.Count < 40 };
    }

    private static ImageGrid Misread(IReadOnlyList<MisreadDigit> misread, int testCount) => new()
    {
        Title = misread.Count == 0
            ? $"All {testCount:N0} test digits were read correctly"
            : $"{misread.Count:N0} of {testCount:N0} test digits were misread",
        Subtitle = (misread.Count > MaximumMisread ? $"The {MaximumMisread} of which the network was surest. " : "")
            + "Black at the left: the label. Red at the right: what the network read, and how sure it was.",
        Cells =
        [
            .. misread.Take(MaximumMisread).Select(d => new ImageGridCell(
                [.. d.Pixels.Select(p => (byte)(255 - p))], MisreadDigit.Side, MisreadDigit.Side,
                $"{d.Label}", $"{d.Reading} ({100 * d.Probability:0} %)")),
        ],
    };
}
