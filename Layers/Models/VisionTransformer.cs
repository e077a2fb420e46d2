using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>
/// A Transformer that sees an image as a row of patches, with a token of its own in front that gathers what the
/// classifier needs. x [images, channels, size, size], y [images, classes]. Dosovitskiy et al. 2021.
/// </summary>
/// <remarks>Names, shapes and initialisation are those of torchvision's <c>vit_b_16</c> and its siblings.</remarks>
public sealed class VisionTransformer : Module
{
    private readonly Conv2d _patches;
    private readonly Encoder _encoder;

    /// <summary>A network of these parts.</summary>
    /// <exception cref="ArgumentException">A setting is out of range, or sizes do not divide.</exception>
    public VisionTransformer(VisionTransformerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Options = options;
        int patch = Settings.AtLeast(1, options.PatchSize, Name, nameof(options.PatchSize));
        if (options.ImageSize < patch || options.ImageSize % patch != 0)
        {
            throw new ArgumentException(
                $"{Name}: the image size ({options.ImageSize}) must be a multiple of the patch size ({patch}).",
                nameof(options));
        }

        int side = options.ImageSize / patch;
        ClassToken = RegisterParameter("class_token", Tensor.Zeros([1, 1, options.Dim]));
        _patches = RegisterModule("conv_proj", new Conv2d(options.Channels, options.Dim, patch, patch));
        _encoder = RegisterModule("encoder", new Encoder(options, (side * side) + 1));
        Heads = RegisterModule("heads", options.RepresentationSize == 0
            ? new Sequential(("head", new Linear(options.Dim, options.Classes)))
            : new Sequential(
                ("pre_logits", new Linear(options.Dim, options.RepresentationSize)),
                ("act", new Tanh()),
                ("head", new Linear(options.RepresentationSize, options.Classes))));
        ResetParameters();
    }

    /// <summary>What the network is made of.</summary>
    public VisionTransformerOptions Options { get; }

    /// <summary>The token in front of the patches [1, 1, dim].</summary>
    public Parameter ClassToken { get; }

    /// <summary>The classifier; its last module is the one to replace for other classes.</summary>
    public Sequential Heads { get; }

    /// <summary>ViT-B/16: 86.6 million parameters for 1000 classes.</summary>
    public static VisionTransformer B16(int classes = 1000) =>
        new(VisionTransformerOptions.B16 with { Classes = classes });

    /// <summary>ViT-B/32: 88.2 million parameters for 1000 classes.</summary>
    public static VisionTransformer B32(int classes = 1000) =>
        new(VisionTransformerOptions.B32 with { Classes = classes });

    /// <summary>ViT-L/16: 304 million parameters for 1000 classes.</summary>
    public static VisionTransformer L16(int classes = 1000) =>
        new(VisionTransformerOptions.L16 with { Classes = classes });

    /// <summary>ViT-L/32: 307 million parameters for 1000 classes.</summary>
    public static VisionTransformer L32(int classes = 1000) =>
        new(VisionTransformerOptions.L32 with { Classes = classes });

    /// <summary>ViT-H/14: 632 million parameters for 1000 classes.</summary>
    public static VisionTransformer H14(int classes = 1000) =>
        new(VisionTransformerOptions.H14 with { Classes = classes });

    /// <inheritdoc/>
    public override Module NewLike() => new VisionTransformer(Options);

    /// <summary>Draws new initial values; the classifier starts at zero.</summary>
    public void ResetParameters()
    {
        Initialize.Constant(ClassToken, 0);
        Initialize.Normal(_patches.Weight, 0, Math.Sqrt(1.0 / _patches.Weight.Shape[1..].ElementCount));
        Initialize.Constant(_patches.Bias!, 0);
        Initialize.Normal(_encoder.Positions, 0, 0.02);
        foreach (var block in Modules().OfType<VisionTransformerBlock>())
            block.ResetParameters();
        foreach (var linear in Heads.OfType<Linear>())
        {
            double deviation = linear == Heads[^1] ? 0 : Math.Sqrt(1.0 / linear.InFeatures);
            Initialize.Normal(linear.Weight, 0, deviation);
            Initialize.Constant(linear.Bias!, 0);
        }
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        int size = Options.ImageSize;
        if (x.Rank != 4 || x.Shape[1] != Options.Channels || x.Shape[2] != size || x.Shape[3] != size)
        {
            throw new ShapeException(
                $"{Name}: made for [images, {Options.Channels}, {size}, {size}]; got {x.Shape}.");
        }

        var patches = _patches.Call(x).Flatten(2).Transpose(1, 2);
        var tokens = Tensor.Concat([ClassToken.Expand([x.Shape[0], 1, Options.Dim]), patches], 1);
        return Heads.Call(_encoder.Call(tokens).Select(1, 0));
    }

    /// <summary>Positions, layers and the last norm, under the names of torchvision's encoder.</summary>
    private sealed class Encoder : Module
    {
        private readonly Dropout _dropout;
        private readonly Sequential _layers;
        private readonly LayerNorm _norm;

        public Encoder(VisionTransformerOptions options, int tokens)
        {
            Positions = RegisterParameter("pos_embedding", Tensor.Zeros([1, tokens, options.Dim]));
            _dropout = RegisterModule("dropout", new Dropout(options.Dropout));
            _layers = RegisterModule("layers", new Sequential([.. Enumerable
                .Range(0, Settings.AtLeast(1, options.Layers, Name, nameof(options.Layers)))
                .Select(i => ($"encoder_layer_{i}", (Module)new VisionTransformerBlock(options)))]));
            _norm = RegisterModule("ln", new LayerNorm(options.Dim, VisionTransformerBlock.Eps));
        }

        public Parameter Positions { get; }

        protected override Tensor Forward(Tensor x) => _norm.Call(_layers.Call(_dropout.Call(x + Positions)));
    }
}
