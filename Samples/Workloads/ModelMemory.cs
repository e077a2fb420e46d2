using MomentumCore.Kernels.Devices;
using MomentumCore.Reversible;

namespace MomentumCore.Samples;

/// <summary>
/// What a training step of a model needs beyond its parameters and their gradients, at several depths, in every memory
/// mode: measured, as a table, and as a picture.
/// </summary>
/// <param name="Model">Which model.</param>
/// <param name="Rows">For each depth what was measured in each mode.</param>
internal sealed record ModelMemory(string Model, IReadOnlyList<(int Depth, StepMeasurement[] Modes)> Rows)
{
    /// <summary>The models that can be measured: the name, what it is, how a step is made, and usual depths.</summary>
    public static IReadOnlyList<ModelMemoryCase> Cases { get; } =
    [
        new("transformer", "Transformer, dim 64, T encoder and T decoder layers, 32 tokens × batch 16",
            ModelWorkloads.NarrowTransformer, new NumberList(2, 4, 8, 16, 32)),
        new("resnet", "ResNet, width 8, T momentum blocks in each of 4 stages, 16 images 3×32×32",
            ModelWorkloads.NarrowResNet, new NumberList(1, 2, 4, 8, 16)),
    ];

    private static MemoryMode[] AllModes { get; } = Enum.GetValues<MemoryMode>();

    /// <summary>The finding in one clause.</summary>
    public string Finding
    {
        get
        {
            var (depth, modes) = Rows[^1];
            double ratio = (double)Of(modes, MemoryMode.Store).BytesBeyondParameters
                / Of(modes, MemoryMode.Recompute).BytesBeyondParameters;
            return $"At depth {depth} storing needs {Quantity.Number(ratio)} × the memory of recomputing, beyond " +
                "parameters and gradients";
        }
    }

    /// <summary>Measures every mode at every depth.</summary>
    public static ModelMemory Measure(
        ModelMemoryCase model, Device device, IEnumerable<int> depths, int repeats, ulong seed,
        IProgress<string>? progress, CancellationToken cancellation)
    {
        var rows = new List<(int, StepMeasurement[])>();
        foreach (int depth in depths)
        {
            StepMeasurement[] modes =
            [
                .. AllModes.Select(mode => StepMeasurement.Take(
                    device, () => model.Prepare(depth, mode, device, seed), repeats, cancellation)),
            ];
            rows.Add((depth, modes));
            progress?.Report($"depth {depth}: " + string.Join(", ", AllModes.Zip(
                modes, (mode, m) => $"{mode} {Quantity.Bytes(m.BytesBeyondParameters)}")));
        }

        return new ModelMemory(model.Name, rows);
    }

    /// <summary>Shows the table.</summary>
    public void Show(AppHost host) => host.ShowTable(
        "One training step, beyond parameters and gradients:",
        ["Depth", "Parameters", .. AllModes.Select(m => $"{m}"), .. AllModes.Select(m => $"{m} time")],
        Rows.Select(r => (string[])
        [
            $"{r.Depth}",
            Quantity.Bytes(r.Modes[0].ParameterBytes),
            .. r.Modes.Select(m => Quantity.Bytes(m.BytesBeyondParameters)),
            .. r.Modes.Select(m => Quantity.Milliseconds(m.MedianMs)),
        ]),
        leftColumns: 0);

    /// <summary>The picture: memory against depth.</summary>
    public LineChart ToChart(string subtitle) => new()
    {
        Title = Finding,
        Subtitle = subtitle,
        XAxis = new ChartAxis("depth T") { IsWhole = true, Minimum = 0 },
        YAxis = new ChartAxis("peak tensor memory without parameters and gradients, MiB") { Minimum = 0 },
        Series =
        [
            .. AllModes.Select(mode => new ChartSeries($"{mode}", [.. Rows.Select(r => (
                (double)r.Depth, Quantity.Mebibytes(Of(r.Modes, mode).BytesBeyondParameters)))]) { HasMarkers = true }),
        ],
    };

    private static StepMeasurement Of(StepMeasurement[] modes, MemoryMode mode) => modes[Array.IndexOf(AllModes, mode)];
}
