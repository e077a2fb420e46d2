using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;
using MomentumCore.Layers;
using MomentumCore.Reversible;

namespace MomentumCore.Samples;

/// <summary>The workloads that `momentum bench` knows.</summary>
internal static class Workloads
{
    /// <summary>All of them, in the order of the list in `momentum bench --help`.</summary>
    public static IReadOnlyList<Workload> All { get; } =
    [
        new("quickstart", "one shared Linear(500,8)-Tanh-Linear(8,500), γ 0.9, batch 1024, loss mean(y²)", 10,
            Quickstart),
        new("rings", "one shared Linear(2,16)-Tanh-Linear(16,2), γ 0.99, 4000 points, cross-entropy, Adam", 10,
            RingsStep),
        new("memory", "one shared Linear(2,1)-Tanh-Linear(1,2), γ 1 − 1/(50 T), x [2,200000,2], mean(y²)", 100, Memory),
        new("wide", "different Linear(512,2048)-Tanh-Linear(2048,512), γ 0.9, batch 256, mean(y²)", 16, Wide),
        new("resnet", "ResNet-18 in momentum form, γ 0.9, T layers a stage, 32 images 3×32×32, cross-entropy", 1,
            ModelWorkloads.ResNet18.Prepare),
        new("transformer", "nn.Transformer in momentum form, γ 0.9, T + T layers, 16 tokens × batch 16, mean(y²)", 6,
            ModelWorkloads.Transformer512.Prepare),
    ];

    /// <summary>The workload of that name, or null.</summary>
    public static Workload? Find(string name) => All.FirstOrDefault(w => w.Name == name);

    /// <summary>The workload `memory` with a number of points of its own.</summary>
    public static TrainingStep Memory(int depth, MemoryMode mode, Device device, ulong seed, int points)
    {
        using var random = RandomSource.Use(new RandomSource(seed));
        var network = Shared(TwoLayers(2, 1), depth, 1 - (1.0 / (50 * depth)), mode, device);
        return new TrainingStep(network, Tensor.Rand([2, points, 2], device: device), MeanSquare);
    }

    private static TrainingStep Quickstart(int depth, MemoryMode mode, Device device, ulong seed)
    {
        using var random = RandomSource.Use(new RandomSource(seed));
        var network = Shared(TwoLayers(500, 8), depth, 0.9, mode, device);
        return new TrainingStep(network, Tensor.Randn([1024, 500], device: device), MeanSquare);
    }

    private static TrainingStep RingsStep(int depth, MemoryMode mode, Device device, ulong seed)
    {
        using var random = RandomSource.Use(new RandomSource(seed));
        var network = Shared(TwoLayers(2, 16), depth, Rings.Gamma, mode, device);
        var (points, labels) = Rings.Sample(2000, device);
        var optimizer = new Adam(network.Parameters(), 1e-3);
        return new TrainingStep(network, points, y => y.CrossEntropy(labels), optimizer, labels);
    }

    private static TrainingStep Memory(int depth, MemoryMode mode, Device device, ulong seed) =>
        Memory(depth, mode, device, seed, points: 200_000);

    private static TrainingStep Wide(int depth, MemoryMode mode, Device device, ulong seed)
    {
        using var random = RandomSource.Use(new RandomSource(seed));
        Module[] functions = [.. Enumerable.Range(0, depth).Select(_ => TwoLayers(512, 2048))];
        var network = new MomentumNet(functions, 0.9, mode);
        network.To(device);
        return new TrainingStep(network, Tensor.Randn([256, 512], device: device), MeanSquare);
    }

    private static Sequential TwoLayers(int size, int hidden) =>
        new(new Linear(size, hidden), new Tanh(), new Linear(hidden, size));

    private static MomentumNet Shared(Module function, int depth, double gamma, MemoryMode mode, Device device)
    {
        var network = MomentumNet.Repeat(function, depth, gamma, mode);
        network.To(device);
        return network;
    }

    private static Tensor MeanSquare(Tensor y) => y.Square().Mean();
}
