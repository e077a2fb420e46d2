using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>
/// The block of ResNet-50, 101 and 152: 1 × 1, 3 × 3 (of stride s, perhaps in groups) and 1 × 1 convolutions, each with
/// a norm, ReLU between them. The stride lies in the middle, as in torchvision (ResNet V1.5). He et al. 2015.
/// </summary>
public sealed class Bottleneck : ResidualBlock
{
    /// <summary>The channels that come out, as a multiple of the planes.</summary>
    public const int Expansion = 4;

    private readonly Func<int, Module> _norm;
    private readonly int _planes;
    private readonly int _stride;
    private readonly int _widthPerGroup;

    /// <summary>A block.</summary>
    /// <param name="inChannels">Channels of x.</param>
    /// <param name="planes">A quarter of the channels of y.</param>
    /// <param name="stride">s; above 1 it needs a downsample.</param>
    /// <param name="downsample">What stands in place of x beside f(x), or null for x.</param>
    /// <param name="groups">Groups of the middle convolution.</param>
    /// <param name="widthPerGroup">Channels of the middle convolution in each group, for 64 planes.</param>
    /// <param name="norm">Makes the norm for a number of channels; batch norm when left out.</param>
    /// <param name="isBranch">Whether the block is f alone.</param>
    /// <exception cref="ArgumentException">A size is below 1, or a branch alone has a downsample.</exception>
    public Bottleneck(
        int inChannels,
        int planes,
        int stride = 1,
        Module? downsample = null,
        int groups = 1,
        int widthPerGroup = 64,
        Func<int, Module>? norm = null,
        bool isBranch = false)
        : base(isBranch)
    {
        _planes = Settings.AtLeast(1, planes, Name, nameof(planes));
        _stride = stride;
        _widthPerGroup = Settings.AtLeast(1, widthPerGroup, Name, nameof(widthPerGroup));
        _norm = norm ?? (channels => new BatchNorm2d(channels));
        int width = (int)(planes * (widthPerGroup / 64.0)) * Settings.AtLeast(1, groups, Name, nameof(groups));
        Conv1 = RegisterModule("conv1", Conv1x1(inChannels, width));
        Norm1 = RegisterModule("bn1", _norm(width));
        Conv2 = RegisterModule("conv2", Conv3x3(width, width, stride, groups));
        Norm2 = RegisterModule("bn2", _norm(width));
        Conv3 = RegisterModule("conv3", Conv1x1(width, planes * Expansion));
        Norm3 = RegisterModule("bn3", _norm(planes * Expansion));
        RegisterModule("relu", Relu);
        RegisterDownsample(downsample);
    }

    /// <summary>The convolution to the narrow channels.</summary>
    public Conv2d Conv1 { get; }

    /// <summary>The norm after it.</summary>
    public Module Norm1 { get; }

    /// <summary>The 3 × 3 convolution.</summary>
    public Conv2d Conv2 { get; }

    /// <summary>The norm after it.</summary>
    public Module Norm2 { get; }

    /// <summary>The convolution to the wide channels.</summary>
    public Conv2d Conv3 { get; }

    /// <summary>The norm after it.</summary>
    public Module Norm3 { get; }

    /// <inheritdoc/>
    public override Module NewLike() => new Bottleneck(
        Conv1.InChannels, _planes, _stride, Downsample?.NewLike(), Conv2.Groups, _widthPerGroup, _norm, IsBranch);

    /// <inheritdoc/>
    internal override void ZeroLastNorm() => Zero(Norm3);

    /// <inheritdoc/>
    private protected override Tensor Branch(Tensor x)
    {
        var y = Relu.Call(Norm1.Call(Conv1.Call(x)));
        y = Relu.Call(Norm2.Call(Conv2.Call(y)));
        return Norm3.Call(Conv3.Call(y));
    }
}
