namespace MomentumCore.Layers;

/// <summary>What a <see cref="VisionTransformer"/> is made of; the defaults are ViT-B/16's.</summary>
public sealed record VisionTransformerOptions
{
    /// <summary>ViT-B/16, as torchvision's <c>vit_b_16</c>.</summary>
    public static VisionTransformerOptions B16 { get; } = new();

    /// <summary>ViT-B/32, as torchvision's <c>vit_b_32</c>.</summary>
    public static VisionTransformerOptions B32 { get; } = new() { PatchSize = 32 };

    /// <summary>ViT-L/16, as torchvision's <c>vit_l_16</c>.</summary>
    public static VisionTransformerOptions L16 { get; } =
        new() { Layers = 24, Heads = 16, Dim = 1024, MlpDim = 4096 };

    /// <summary>ViT-L/32, as torchvision's <c>vit_l_32</c>.</summary>
    public static VisionTransformerOptions L32 { get; } = L16 with { PatchSize = 32 };

    /// <summary>ViT-H/14, as torchvision's <c>vit_h_14</c>.</summary>
    public static VisionTransformerOptions H14 { get; } =
        new() { PatchSize = 14, Layers = 32, Heads = 16, Dim = 1280, MlpDim = 5120 };

    /// <summary>Height and width of the images, a multiple of the patches'.</summary>
    public int ImageSize { get; init; } = 224;

    /// <summary>Height and width of a patch.</summary>
    public int PatchSize { get; init; } = 16;

    /// <summary>The number of encoder layers.</summary>
    public int Layers { get; init; } = 12;

    /// <summary>The number of attention heads; it divides the size of a token.</summary>
    public int Heads { get; init; } = 12;

    /// <summary>The size of a token.</summary>
    public int Dim { get; init; } = 768;

    /// <summary>The size between the two linear maps of each layer.</summary>
    public int MlpDim { get; init; } = 3072;

    /// <summary>The probability of a 0 in training, after each map.</summary>
    public double Dropout { get; init; }

    /// <summary>The probability, in training, that a place loses sight of another.</summary>
    public double AttentionDropout { get; init; }

    /// <summary>The number of classes.</summary>
    public int Classes { get; init; } = 1000;

    /// <summary>The size of one more map with tanh before the classifier; 0 for none.</summary>
    public int RepresentationSize { get; init; }

    /// <summary>The number of the images' colours.</summary>
    public int Channels { get; init; } = 3;
}
