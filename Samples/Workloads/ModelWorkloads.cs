using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;
using MomentumCore.Layers;
using MomentumCore.Reversible;

namespace MomentumCore.Samples;

/// <summary>Training steps of models that were made for storing and then turned into their momentum form.</summary>
internal static class ModelWorkloads
{
    /// <summary>γ of the momentum layers.</summary>
    public const double Gamma = 0.9;

    private const int Classes = 10;
    private static readonly string[] TransformerParts = ["encoder.layers", "decoder.layers"];

    /// <summary>ResNet-18 at depth 1: the first block of each stage is kept, the T after it are momentum layers.</summary>
    public static TrainingStep ResNet18(int depth, MemoryMode mode, Device device, ulong seed) =>
        ResNet(depth, mode, device, seed, new ResNetOptions { Classes = Classes }, images: 32);

    /// <summary>PyTorch's nn.Transformer at depth 6, without dropout.</summary>
    public static TrainingStep Transformer512(int depth, MemoryMode mode, Device device, ulong seed) =>
        Transformer(depth, mode, device, seed, new TransformerOptions { Dropout = 0 }, tokens: 16, batch: 16);

    /// <summary>A ResNet narrow enough that its activations, not its parameters, are what takes memory.</summary>
    public static TrainingStep NarrowResNet(int depth, MemoryMode mode, Device device, ulong seed) => ResNet(
        depth, mode, device, seed,
        new ResNetOptions { Classes = Classes, Width = 8, Stem = ResNetStem.Cifar }, images: 16);

    /// <summary>A Transformer narrow enough that its activations are what takes memory.</summary>
    public static TrainingStep NarrowTransformer(int depth, MemoryMode mode, Device device, ulong seed) => Transformer(
        depth, mode, device, seed, new TransformerOptions(64, 4) { FeedForward = 256, Dropout = 0 },
        tokens: 32, batch: 16);

    private static TrainingStep ResNet(
        int depth, MemoryMode mode, Device device, ulong seed, ResNetOptions options, int images)
    {
        using var random = RandomSource.Use(new RandomSource(seed));
        var resnet = new ResNet(options with { Blocks = [.. Enumerable.Repeat(depth + 1, 4)] });
        var network = MomentumTransform.ApplyInPlace(resnet, gamma: Gamma, memory: mode);
        network.To(device);
        var labels = Tensor.From([.. Enumerable.Range(0, images).Select(i => (long)(i % Classes))], [images], device);
        return new TrainingStep(
            network, Tensor.Randn([images, 3, 32, 32], device: device), y => y.CrossEntropy(labels), target: labels);
    }

    private static TrainingStep Transformer(
        int depth, MemoryMode mode, Device device, ulong seed, TransformerOptions options, int tokens, int batch)
    {
        using var random = RandomSource.Use(new RandomSource(seed));
        var transformer = new Transformer(options with { EncoderLayers = depth, DecoderLayers = depth });
        var network = MomentumTransform.ApplyInPlace(
            transformer, TransformerParts, Gamma, mode, keepFirstLayer: false);
        network.To(device);
        Shape shape = [tokens, batch, options.Dim];
        return new TrainingStep(
            network, Tensor.Randn(shape, device: device), y => y.Square().Mean(),
            second: Tensor.Randn(shape, device: device));
    }
}
