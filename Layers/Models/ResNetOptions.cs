namespace MomentumCore.Layers;

/// <summary>What a <see cref="ResNet"/> is made of.</summary>
/// <param name="Blocks">The number of blocks in each of the four stages.</param>
public sealed record ResNetOptions(params int[] Blocks)
{
    /// <summary>
    /// Whether blocks are three convolutions with a narrow one in the middle (<see cref="Layers.Bottleneck"/>) rather
    /// than two (<see cref="BasicBlock"/>).
    /// </summary>
    public bool Bottleneck { get; init; }

    /// <summary>The number of classes.</summary>
    public int Classes { get; init; } = 1000;

    /// <summary>How the network begins.</summary>
    public ResNetStem Stem { get; init; } = ResNetStem.ImageNet;

    /// <summary>Channels after the stem; each stage after the first doubles them.</summary>
    public int Width { get; init; } = 64;

    /// <summary>Groups of a bottleneck's middle convolution (ResNeXt).</summary>
    public int Groups { get; init; } = 1;

    /// <summary>
    /// Channels of a bottleneck's middle convolution in each group, for 64 planes (wide ResNets: 128).
    /// </summary>
    public int WidthPerGroup { get; init; } = 64;

    /// <summary>
    /// Whether the last norm of each block starts at weight 0, so that each block starts as the identity. Goyal et al.
    /// 2017.
    /// </summary>
    public bool ZeroInitResidual { get; init; }

    /// <summary>Makes the norm for a number of channels; <see cref="BatchNorm2d"/> when left out.</summary>
    public Func<int, Module> Norm { get; init; } = channels => new BatchNorm2d(channels);
}
