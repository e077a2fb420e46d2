using MomentumCore.Engine;
using MomentumCore.Layers;
using MomentumCore.Reversible;

namespace MomentumCore.Samples;

/// <summary>
/// How far the weight gradients of each way to train without storing activations lie from the true ones, against depth.
/// </summary>
/// <remarks>
/// Networks of T different Linear(64,64)–Tanh layers, batch 8, loss Σ y² / T. The truth is Store in Float64 on the same
/// weights; an error is ‖dθ − truth‖ / ‖truth‖ over all weights, averaged over the seeds.
/// </remarks>
internal sealed record Exactness(double Gamma, IReadOnlyList<ExactnessRow> Rows)
{
    /// <summary>Layers between the checkpoints.</summary>
    public const int Every = 16;

    /// <summary>p of the finer grid, which reaches to 64.</summary>
    public const int FinerBits = 18;

    private const int Width = 64;
    private const int Batch = 8;

    /// <summary>Measures at every depth.</summary>
    public static Exactness Measure(
        double gamma, IEnumerable<int> depths, int seeds, IProgress<ExactnessRow>? progress, CancellationToken cancellation)
    {
        var rows = new List<ExactnessRow>();
        foreach (int depth in depths)
        {
            var all = new List<ExactnessRow>();
            for (int seed = 1; seed <= seeds; seed++)
            {
                cancellation.ThrowIfCancellationRequested();
                all.Add(Compare(gamma, depth, (ulong)seed));
            }

            var row = new ExactnessRow(
                depth,
                all.Average(r => r.Store),
                all.Average(r => r.Recompute),
                all.Average(r => r.Shadow),
                all.Average(r => r.Checkpoints),
                all.Average(r => r.Exact),
                all.Average(r => r.Finer),
                all.All(r => r.HasBitsOfStore));
            rows.Add(row);
            progress?.Report(row);
        }

        return new Exactness(gamma, rows);
    }

    /// <summary>The picture: error against depth, both in equal ratios.</summary>
    public LineChart ToChart() => new()
    {
        Title = Rows.All(r => r.HasBitsOfStore)
            ? "Exact reversal stays as good as its grid at any depth; floats lose the gradient"
            : "Gradient error against depth",
        Subtitle = $"Weight gradients against those of Float64, γ = {Quantity.Number(Gamma)}, Linear(64,64)-Tanh layers, " +
            "all else in Float32",
        XAxis = new ChartAxis("depth, layers") { IsLogarithmic = true, Ticks = [.. Rows.Select(r => (double)r.Depth)] },
        YAxis = new ChartAxis("relative error of the gradient") { IsLogarithmic = true },
        Series =
        [
            Line("recompute in floats", r => r.Recompute),
            Line($"states every {Every} layers", r => r.Checkpoints),
            Line("shadow state in Float64", r => r.Shadow),
            Line("exact", r => r.Exact),
            Line($"exact, {FinerBits} fraction bits", r => r.Finer),
            Line("store", r => r.Store) with { IsDashed = true, HasMarkers = false },
        ],
    };

    private static ExactnessRow Compare(double gamma, int depth, ulong seed)
    {
        double[] truth = Gradient(Network(gamma, depth, seed, DType.Float64), MemoryMode.Store, DType.Float64, seed);
        double Error(double[] gradient) => Distance(gradient, truth);
        double[] Of(MemoryMode mode, ExactGrid? grid = null, int every = 0)
        {
            var network = Network(gamma, depth, seed, DType.Float32);
            network.Grid = grid;
            network.CheckpointEvery = every;
            return Gradient(network, mode, DType.Float32, seed);
        }

        double[] exact = Of(MemoryMode.Exact);
        var shadow = Network(gamma, depth, seed, DType.Float32, layer => new InSingle(layer));
        return new ExactnessRow(
            depth,
            Error(Of(MemoryMode.Store)),
            Error(Of(MemoryMode.Recompute)),
            Error(Gradient(shadow, MemoryMode.Recompute, DType.Float64, seed)),
            Error(Of(MemoryMode.Recompute, every: Every)),
            Error(exact),
            Error(Of(MemoryMode.Exact, new ExactGrid { FractionBits = FinerBits })),
            exact.AsSpan().SequenceEqual(Of(MemoryMode.Store, ExactGrid.Default)));
    }

    private static MomentumNet Network(
        double gamma, int depth, ulong seed, DType dtype, Func<Module, Module>? wrap = null)
    {
        using var random = RandomSource.Use(new RandomSource(seed));
        Module[] layers = [.. Enumerable.Range(0, depth).Select(_ => new Sequential(new Linear(Width, Width), new Tanh()))];
        foreach (var layer in layers)
            layer.To(dtype);
        return new MomentumNet(wrap == null ? layers : [.. layers.Select(wrap)], gamma);
    }

    private static double[] Gradient(MomentumNet network, MemoryMode mode, DType dtype, ulong seed)
    {
        using var scope = TensorScope.Begin();
        using var random = RandomSource.Use(new RandomSource(seed + 1000));
        using (network)
        {
            network.Memory = mode;
            network.DriftTolerance = double.PositiveInfinity;
            var x = Tensor.Randn([Batch, Width]).To(dtype);
            (network.Call(x).Square().Sum() * (1.0 / network.Depth)).Backward();
            return [.. network.Parameters().SelectMany(p => p.Gradient!.To(DType.Float64).ToArray<double>())];
        }
    }

    private static double Distance(double[] gradient, double[] truth)
    {
        double difference = 0, size = 0;
        for (int i = 0; i < truth.Length; i++)
        {
            difference += (gradient[i] - truth[i]) * (gradient[i] - truth[i]);
            size += truth[i] * truth[i];
        }

        return Math.Sqrt(difference / size);
    }

    private ChartSeries Line(string name, Func<ExactnessRow, double> error) =>
        new(name, [.. Rows.Select(r => ((double)r.Depth, error(r)))]) { HasMarkers = true };

    /// <summary>A layer that computes in Float32 inside a network whose state is Float64.</summary>
    private sealed class InSingle : Module
    {
        private readonly Module _inner;

        public InSingle(Module inner) => _inner = RegisterModule("inner", inner);

        protected override Tensor Forward(Tensor x) => _inner.Call(x.To(DType.Float32)).To(DType.Float64);
    }
}
