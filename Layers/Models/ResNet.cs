using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>
/// A residual network for images, with torchvision's parameter names: stem, four stages of blocks, mean over the image,
/// classifier. x [images, 3, height, width], y [images, classes]. He et al. 2015.
/// </summary>
/// <remarks>
/// Stage i (<c>layer1</c> … <c>layer4</c>) has 2^(i−1) times the width's planes; the first block of stages 2 to 4
/// halves
/// height and width. Convolutions start from He's normal distribution by fan out, norms at 1 and 0.
/// </remarks>
public class ResNet : Module
{
    private const int Colours = 3;
    private const int Stages = 4;

    private readonly MaxPool2d? _maxPool;
    private readonly Module[] _stages = new Module[Stages];

    /// <summary>A network of these parts.</summary>
    /// <exception cref="ArgumentException">
    /// A size is below 1, there are not four stages, or basic blocks are to have groups.
    /// </exception>
    public ResNet(ResNetOptions options)
        : this(options, PlainStage)
    {
    }

    /// <summary>
    /// A network whose stages are made by a function of first block, number of blocks, maker of others.
    /// </summary>
    private protected ResNet(ResNetOptions options, Func<ResidualBlock, int, Func<bool, ResidualBlock>, Module> stage)
    {
        Options = Checked(options);
        int width = options.Width, inChannels = width;
        Conv1 = RegisterModule("conv1", options.Stem == ResNetStem.ImageNet
            ? new Conv2d(Colours, width, 7, stride: 2, padding: 3, bias: false)
            : new Conv2d(Colours, width, 3, padding: 1, bias: false));
        Norm1 = RegisterModule("bn1", options.Norm(width));
        RegisterModule("relu", Relu);
        var maxPool = RegisterModule("maxpool", new MaxPool2d(3, stride: 2, padding: 1));
        _maxPool = options.Stem == ResNetStem.ImageNet ? maxPool : null;
        for (int i = 0; i < Stages; i++)
        {
            int planes = width << i, channels = planes * Expansion(options), stride = i == 0 ? 1 : 2;
            var first = Block(options, inChannels, planes, stride, isBranch: false);
            var made = stage(first, options.Blocks[i], branch => Block(options, channels, planes, 1, branch));
            _stages[i] = RegisterModule($"layer{i + 1}", made);
            inChannels = channels;
        }

        AveragePool = RegisterModule("avgpool", new AdaptiveAvgPool2d(1));
        Fc = RegisterModule("fc", new Linear(inChannels, options.Classes));
        ResetParameters();
    }

    /// <summary>What the network is made of.</summary>
    public ResNetOptions Options { get; }

    /// <summary>The first convolution.</summary>
    public Conv2d Conv1 { get; }

    /// <summary>The norm after it.</summary>
    public Module Norm1 { get; }

    /// <summary>max(·, 0).</summary>
    public Relu Relu { get; } = new();

    /// <summary>The mean over height and width.</summary>
    public AdaptiveAvgPool2d AveragePool { get; }

    /// <summary>The classifier.</summary>
    public Linear Fc { get; }

    /// <summary>ResNet-18: 2, 2, 2, 2 basic blocks; 11.7 million parameters for 1000 classes.</summary>
    public static ResNet ResNet18(int classes = 1000, ResNetStem stem = ResNetStem.ImageNet) =>
        new(Options18 with { Classes = classes, Stem = stem });

    /// <summary>ResNet-34: 3, 4, 6, 3 basic blocks; 21.8 million parameters for 1000 classes.</summary>
    public static ResNet ResNet34(int classes = 1000, ResNetStem stem = ResNetStem.ImageNet) =>
        new(Options34 with { Classes = classes, Stem = stem });

    /// <summary>ResNet-50: 3, 4, 6, 3 bottlenecks; 25.6 million parameters for 1000 classes.</summary>
    public static ResNet ResNet50(int classes = 1000, ResNetStem stem = ResNetStem.ImageNet) =>
        new(Options50 with { Classes = classes, Stem = stem });

    /// <summary>ResNet-101: 3, 4, 23, 3 bottlenecks; 44.5 million parameters for 1000 classes.</summary>
    public static ResNet ResNet101(int classes = 1000, ResNetStem stem = ResNetStem.ImageNet) =>
        new(Options101 with { Classes = classes, Stem = stem });

    /// <summary>ResNet-152: 3, 8, 36, 3 bottlenecks; 60.2 million parameters for 1000 classes.</summary>
    public static ResNet ResNet152(int classes = 1000, ResNetStem stem = ResNetStem.ImageNet) =>
        new(Options152 with { Classes = classes, Stem = stem });

    internal static ResNetOptions Options18 { get; } = new(2, 2, 2, 2);

    internal static ResNetOptions Options34 { get; } = new(3, 4, 6, 3);

    internal static ResNetOptions Options50 { get; } = new(3, 4, 6, 3) { Bottleneck = true };

    internal static ResNetOptions Options101 { get; } = new(3, 4, 23, 3) { Bottleneck = true };

    internal static ResNetOptions Options152 { get; } = new(3, 8, 36, 3) { Bottleneck = true };

    /// <inheritdoc/>
    public override Module NewLike() => new ResNet(Options);

    /// <summary>Draws new initial values.</summary>
    public void ResetParameters()
    {
        foreach (var module in Modules())
        {
            if (module is Conv2d convolution)
                Initialize.KaimingNormal(convolution.Weight, fanOut: true);
            else if (module is BatchNorm norm)
                norm.ResetParameters();
        }

        Fc.ResetParameters();
        // A block comes before its norms above, whose reset would undo this.
        foreach (var block in Modules().OfType<ResidualBlock>().Where(b => Options.ZeroInitResidual && !b.IsBranch))
            block.ZeroLastNorm();
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        x = Relu.Call(Norm1.Call(Conv1.Call(x)));
        x = _maxPool?.Call(x) ?? x;
        foreach (var stage in _stages)
            x = stage.Call(x);
        return Fc.Call(AveragePool.Call(x).Flatten(1));
    }

    private static Sequential PlainStage(ResidualBlock first, int count, Func<bool, ResidualBlock> another) =>
        new([first, .. Enumerable.Range(1, count - 1).Select(_ => another(false))]);

    private static int Expansion(ResNetOptions options) =>
        options.Bottleneck ? Bottleneck.Expansion : BasicBlock.Expansion;

    private static ResidualBlock Block(
        ResNetOptions options, int inChannels, int planes, int stride, bool isBranch)
    {
        int channels = planes * Expansion(options);
        var downsample = stride == 1 && inChannels == channels
            ? null
            : new Sequential(new Conv2d(inChannels, channels, 1, stride, bias: false), options.Norm(channels));
        return options.Bottleneck
            ? new Bottleneck(
                inChannels, planes, stride, downsample, options.Groups, options.WidthPerGroup, options.Norm, isBranch)
            : new BasicBlock(inChannels, planes, stride, downsample, options.Norm, isBranch);
    }

    private ResNetOptions Checked(ResNetOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Blocks is not { Length: Stages } || options.Blocks.Any(b => b < 1))
        {
            throw new ArgumentException(
                $"{Name}: wants the number of blocks, 1 or more, of four stages; " +
                $"got [{string.Join(", ", options.Blocks ?? [])}].",
                nameof(options));
        }

        if (!options.Bottleneck && (options.Groups != 1 || options.WidthPerGroup != 64))
        {
            throw new ArgumentException(
                $"{Name}: basic blocks have one group of the stage's width; got groups {options.Groups}, width per " +
                $"group {options.WidthPerGroup}. Set Bottleneck, or leave them.",
                nameof(options));
        }

        return options;
    }
}
