using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>
/// The block of ResNet-18 and 34: f = norm(conv(relu(norm(conv(x))))) with 3 × 3 convolutions, the first of stride s.
/// He et al. 2015.
/// </summary>
public sealed class BasicBlock : ResidualBlock
{
    /// <summary>The channels that come out, as a multiple of the planes.</summary>
    public const int Expansion = 1;

    private readonly int _stride;
    private readonly Func<int, Module> _norm;

    /// <summary>A block.</summary>
    /// <param name="inChannels">Channels of x.</param>
    /// <param name="planes">Channels of both convolutions and of y.</param>
    /// <param name="stride">s; above 1 it needs a downsample.</param>
    /// <param name="downsample">What stands in place of x beside f(x), or null for x.</param>
    /// <param name="norm">Makes the norm for a number of channels; batch norm when left out.</param>
    /// <param name="isBranch">Whether the block is f alone.</param>
    /// <exception cref="ArgumentException">A size is below 1, or a branch alone has a downsample.</exception>
    public BasicBlock(
        int inChannels,
        int planes,
        int stride = 1,
        Module? downsample = null,
        Func<int, Module>? norm = null,
        bool isBranch = false)
        : base(isBranch)
    {
        _stride = stride;
        _norm = norm ?? (channels => new BatchNorm2d(channels));
        Conv1 = RegisterModule("conv1", Conv3x3(inChannels, planes, stride));
        Norm1 = RegisterModule("bn1", _norm(planes));
        RegisterModule("relu", Relu);
        Conv2 = RegisterModule("conv2", Conv3x3(planes, planes));
        Norm2 = RegisterModule("bn2", _norm(planes));
        RegisterDownsample(downsample);
    }

    /// <summary>The first convolution.</summary>
    public Conv2d Conv1 { get; }

    /// <summary>The norm after it.</summary>
    public Module Norm1 { get; }

    /// <summary>The second convolution.</summary>
    public Conv2d Conv2 { get; }

    /// <summary>The norm after it.</summary>
    public Module Norm2 { get; }

    /// <inheritdoc/>
    public override Module NewLike() => new BasicBlock(
        Conv1.InChannels, Conv1.OutChannels, _stride, Downsample?.NewLike(), _norm, IsBranch);

    /// <inheritdoc/>
    internal override void ZeroLastNorm() => Zero(Norm2);

    /// <inheritdoc/>
    private protected override Tensor Branch(Tensor x) =>
        Norm2.Call(Conv2.Call(Relu.Call(Norm1.Call(Conv1.Call(x)))));
}
