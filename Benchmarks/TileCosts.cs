using System.Diagnostics;
using System.Globalization;
using MomentumCore.Engine;
using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Layers;
using MomentumCore.Reversible;

namespace MomentumCore.Benchmarks;

/// <summary>
/// What it would bring to run a whole reversible block over one tile of the batch after another, each tile in one thread:
/// forward and backward in turns with whole batches, as ratios to storing whole batches.
/// </summary>
internal static class TileCosts
{
    private const int Rounds = 31;
    private const int WarmUps = 5;

    private static readonly (string Name, int Width, int Hidden, int Depth, double Gamma, int Batch)[] Sizes =
    [
        ("quickstart", 500, 8, 10, 0.9, 1024),
        ("rings", 2, 16, 10, 0.99, 4000),
        ("memory", 2, 1, 20, 0.999, 400_000),
        ("64 wide", 64, 64, 20, 0.95, 4096),
        ("256 wide", 256, 256, 10, 0.9, 2048),
    ];

    /// <summary>Prints a line for each size.</summary>
    public static void Run()
    {
        Console.WriteLine($"median time of {Rounds} rounds in turns, as a ratio to storing the whole batch");
        foreach (var (name, width, hidden, depth, gamma, batch) in Sizes)
        {
            using var random = RandomSource.Use(new RandomSource(1));
            using var scope = TensorScope.Begin();
            var f = new Sequential(new Linear(width, hidden), new Tanh(), new Linear(hidden, width));
            var x = Tensor.Randn([batch, width]);
            Tensor[] parameters = [.. f.Parameters()];
            var ways = new List<(string Name, Action Step)>
            {
                ("store", Whole(MemoryMode.Store)),
                ("recompute", Whole(MemoryMode.Recompute)),
                ("exact", Whole(MemoryMode.Exact)),
                ("recompute in 4 tiles", Tiles(MemoryMode.Recompute, 4)),
                ("recompute in 16 tiles", Tiles(MemoryMode.Recompute, 16)),
                ("store in 16 tiles", Tiles(MemoryMode.Store, 16)),
            };
            double[][] times = Measure([.. ways.Select(w => w.Step)]);
            var ratios = ways.Select((way, i) => string.Create(
                CultureInfo.InvariantCulture, $"{way.Name} {Median([.. times[i].Zip(times[0], (t, store) => t / store)]):F2}"));
            Console.WriteLine($"{name}: {string.Join(", ", ratios)}");

            MomentumNet Block(MemoryMode mode) => MomentumNet.Repeat(f, depth, gamma, mode);

            Action Whole(MemoryMode mode)
            {
                var net = Block(mode);
                return () => Differentiate(net, x);
            }

            // A network for each tile, because a network knows of one run at a time; they share the layers.
            Action Tiles(MemoryMode mode, int tiles)
            {
                MomentumNet[] nets = [.. Enumerable.Range(0, tiles).Select(_ => Block(mode))];
                int rows = batch / tiles;
                return () => ((CpuDevice)x.Device).RunTiles(
                    tiles, tile => Differentiate(nets[tile], x.Slice(0, tile * rows, (tile + 1) * rows)));
            }

            void Differentiate(MomentumNet net, Tensor input)
            {
                using var inner = TensorScope.Begin();
                _ = Gradients.Of(net.Call(input).Square().Sum(), parameters);
            }
        }
    }

    private static double[][] Measure(Action[] steps)
    {
        double[][] times = [.. steps.Select(_ => new double[Rounds])];
        for (int round = -WarmUps; round < Rounds; round++)
        {
            for (int way = 0; way < steps.Length; way++)
            {
                long start = Stopwatch.GetTimestamp();
                steps[way]();
                if (round >= 0)
                    times[way][round] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }
        }

        return times;
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }
}
