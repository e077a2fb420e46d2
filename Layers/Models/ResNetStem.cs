namespace MomentumCore.Layers;

/// <summary>How a <see cref="ResNet"/> begins.</summary>
public enum ResNetStem
{
    /// <summary>
    /// A 7 × 7 convolution of stride 2 and a 3 × 3 maximum of stride 2: a quarter of height and width.
    /// </summary>
    ImageNet,

    /// <summary>A 3 × 3 convolution of stride 1, for small images: height and width stay.</summary>
    Cifar,
}
