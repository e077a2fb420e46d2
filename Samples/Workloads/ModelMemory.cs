using MomentumCore.Kernels.Devices;
using MomentumCore.Reversible;

namespace MomentumCore.Samples;

/// <summary>
/// What a training step needs beyond its parameters and their gradients, at several depths, in every memory mode:
/// measured, as a table, as JSON, and as a picture.
/// </summary>
/// <param name="Model">Which model.</param>
/// <param name="DeviceName">Where it was measured.</param>
/// <param name="Rows">For each depth what was measured in each mode.</param>
internal sealed record ModelMemory(
    string Model, string DeviceName, IReadOnlyList<(int Depth, StepMeasurement[] Modes)> Rows)
{
    /// <summary>The models that can be measured.</summary>
    public static IReadOnlyList<ModelCase> Cases { get; } =
        [ModelWorkloads.NarrowTransformer, ModelWorkloads.NarrowResNet];

    private static MemoryMode[] AllModes { get; } = Enum.GetValues<MemoryMode>();

    /// <summary>The finding in one clause.</summary>
    public string Finding => SavedBy(MemoryMode.Recompute) >= 1
        ? $"{Title}, exact reversal {Quantity.Number(SavedBy(MemoryMode.Exact))} ×; their times are " +
          $"{Slower(MemoryMode.Recompute)} × and {Slower(MemoryMode.Exact)} × that of storing"
        : Title;

    private string Title => SavedBy(MemoryMode.Recompute) >= 1
        ? $"At depth {Rows[^1].Depth} recomputing needs {Quantity.Number(SavedBy(MemoryMode.Recompute))} × less memory than " +
          "storing"
        : $"At depth {Rows[^1].Depth} storing still needs less memory than recomputing";

    /// <summary>Measures every mode at every depth.</summary>
    public static ModelMemory Measure(
        string model, Device device, IEnumerable<int> depths, Func<int, MemoryMode, TrainingStep> prepare, int repeats,
        IProgress<string>? progress, CancellationToken cancellation)
    {
        var rows = new List<(int, StepMeasurement[])>();
        foreach (int depth in depths)
        {
            StepMeasurement[] modes =
            [
                .. AllModes.Select(mode => StepMeasurement.Take(device, () => prepare(depth, mode), repeats, cancellation)),
            ];
            rows.Add((depth, modes));
            progress?.Report($"depth {depth}: " + string.Join(", ", AllModes.Zip(
                modes, (mode, m) => $"{SharedOptions.NameOf(mode)} {Quantity.Bytes(m.BytesBeyondParameters)}")));
        }

        return new ModelMemory(model, device.Name, rows);
    }

    /// <summary>Shows the table.</summary>
    public void Show(AppHost host) => host.ShowTable(
        "One training step, beyond parameters and gradients; Exact with its side bits:",
        ["Depth", "Parameters", .. AllModes.Select(m => $"{m}"), "Side bits", .. AllModes.Select(m => $"{m} time")],
        Rows.Select(r => (string[])
        [
            $"{r.Depth}",
            Quantity.Bytes(r.Modes[0].ParameterBytes),
            .. r.Modes.Select(m => Quantity.Bytes(m.BytesBeyondParameters)),
            Quantity.Bytes(Of(r.Modes, MemoryMode.Exact).SideBytes),
            .. r.Modes.Select(m => Quantity.Milliseconds(m.MedianMs)),
        ]),
        leftColumns: 0);

    /// <summary>What `--json` prints: one entry for each depth and mode.</summary>
    public object ToJson() => new
    {
        Model,
        Device = DeviceName,
        Measurements = Rows.SelectMany(r => AllModes.Zip(r.Modes, (mode, m) => new
        {
            r.Depth,
            Mode = SharedOptions.NameOf(mode),
            m.PeakTensorBytes,
            m.ParameterBytes,
            m.BytesBeyondParameters,
            m.SideBytes,
            m.MedianMs,
        })),
    };

    /// <summary>The picture: memory against depth.</summary>
    public LineChart ToChart(string subtitle) => new()
    {
        Title = Title,
        Subtitle = subtitle,
        XAxis = new ChartAxis("depth T") { IsWhole = true, Minimum = 0, Maximum = Rows[^1].Depth },
        YAxis = new ChartAxis("peak tensor memory without parameters and gradients, MiB") { Minimum = 0 },
        Series = [Line(MemoryMode.Store), Line(MemoryMode.Recompute), Line(MemoryMode.Exact, isDashed: true)],
    };

    // The lines of Recompute and Exact mostly lie on one another: dashes show both.
    private ChartSeries Line(MemoryMode mode, bool isDashed = false) =>
        new($"{mode}", [.. Rows.Select(r => (
            (double)r.Depth, Quantity.Mebibytes(Of(r.Modes, mode).BytesBeyondParameters)))])
        {
            HasMarkers = !isDashed,
            IsDashed = isDashed,
        };

    private double SavedBy(MemoryMode mode) =>
        (double)Deepest(MemoryMode.Store).BytesBeyondParameters / Deepest(mode).BytesBeyondParameters;

    private string Slower(MemoryMode mode) =>
        Quantity.Number(Deepest(mode).MedianMs / Deepest(MemoryMode.Store).MedianMs);

    private StepMeasurement Deepest(MemoryMode mode) => Of(Rows[^1].Modes, mode);

    private static StepMeasurement Of(StepMeasurement[] modes, MemoryMode mode) => modes[Array.IndexOf(AllModes, mode)];
}
