using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;
using MomentumCore.Layers;
using MomentumCore.Reversible;

namespace MomentumCore.Samples;

/// <summary>Models that were made for storing and then turned into their momentum form.</summary>
internal static class ModelWorkloads
{
    /// <summary>γ of the momentum layers.</summary>
    public const double Gamma = 0.9;

    private const int Classes = 10;
    private static readonly string[] TransformerParts = ["encoder.layers", "decoder.layers"];

    /// <summary>ResNet-18 at depth 1: the first block of each stage is kept, the T after it are momentum layers.</summary>
    public static ModelCase ResNet18 { get; } = new(
        "resnet18", "ResNet-18, T momentum blocks in each of 4 stages, 32 images 3×32×32",
        (depth, mode, device) => ResNet(depth, mode, device, new ResNetOptions { Classes = Classes }, images: 32),
        new NumberList(1));

    /// <summary>PyTorch's nn.Transformer at depth 6, without dropout.</summary>
    public static ModelCase Transformer512 { get; } = new(
        "transformer512", "PyTorch's nn.Transformer, dim 512, T + T layers, 16 tokens × batch 16",
        (depth, mode, device) => Transformer(
            depth, mode, device, new TransformerOptions { Dropout = 0 }, tokens: 16, batch: 16),
        new NumberList(6));

    /// <summary>A ResNet narrow enough that its activations, not its parameters, are what takes memory.</summary>
    public static ModelCase NarrowResNet { get; } = new(
        "resnet", "ResNet, width 8, T momentum blocks in each of 4 stages, 16 images 3×32×32",
        (depth, mode, device) => ResNet(
            depth, mode, device, new ResNetOptions { Classes = Classes, Width = 8, Stem = ResNetStem.Cifar }, images: 16),
        new NumberList(1, 2, 4, 8, 16));

    /// <summary>A Transformer narrow enough that its activations are what takes memory.</summary>
    public static ModelCase NarrowTransformer { get; } = new(
        "transformer", "Transformer, dim 64, T encoder and T decoder layers, 32 tokens × batch 16",
        (depth, mode, device) => Transformer(
            depth, mode, device, new TransformerOptions(64, 4) { FeedForward = 256, Dropout = 0 }, tokens: 32, batch: 16),
        new NumberList(2, 4, 8, 16, 32));

    private static ModelParts ResNet(int depth, MemoryMode mode, Device device, ResNetOptions options, int images)
    {
        var resnet = new ResNet(options with { Blocks = [.. Enumerable.Repeat(depth + 1, 4)] });
        var network = MomentumTransform.ApplyInPlace(resnet, gamma: Gamma, memory: mode);
        network.To(device);
        var labels = Tensor.From([.. Enumerable.Range(0, images).Select(i => (long)(i % Classes))], [images], device);
        return new ModelParts(network, [images, 3, 32, 32], null, y => y.CrossEntropy(labels), labels);
    }

    private static ModelParts Transformer(
        int depth, MemoryMode mode, Device device, TransformerOptions options, int tokens, int batch)
    {
        var transformer = new Transformer(options with { EncoderLayers = depth, DecoderLayers = depth });
        var network = MomentumTransform.ApplyInPlace(
            transformer, TransformerParts, Gamma, mode, keepFirstLayer: false);
        network.To(device);
        Shape shape = [tokens, batch, options.Dim];
        return new ModelParts(network, shape, shape, y => y.Square().Mean());
    }
}
