using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>
/// A block of a <see cref="ResNet"/>: y = relu(f(x) + x), or relu(f(x) + downsample(x)) where f changes the shape; as a
/// branch alone y = f(x), what a momentum layer adds. x [images, channels, height, width].
/// </summary>
public abstract class ResidualBlock : Module
{
    private protected ResidualBlock(bool isBranch) => IsBranch = isBranch;

    /// <summary>Whether the block is f alone, without the way round it and the last ReLU.</summary>
    public bool IsBranch { get; }

    /// <summary>What stands in place of x beside f(x), or null for x itself.</summary>
    public Module? Downsample { get; private set; }

    /// <summary>max(·, 0).</summary>
    public Relu Relu { get; } = new();

    /// <inheritdoc/>
    protected override string ExtraRepresentation => IsBranch ? "isBranch: true" : "";

    /// <summary>Sets the weight of the last norm, whose output is added to x, to zero.</summary>
    internal abstract void ZeroLastNorm();

    /// <inheritdoc/>
    protected sealed override Tensor Forward(Tensor x)
    {
        var f = Branch(x);
        return IsBranch ? f : Relu.Call(f + (Downsample?.Call(x) ?? x));
    }

    /// <summary>f(x).</summary>
    private protected abstract Tensor Branch(Tensor x);

    /// <summary>Registered last, as torchvision does.</summary>
    private protected void RegisterDownsample(Module? downsample)
    {
        if (downsample != null && IsBranch)
            throw new ArgumentException($"{Name}: a branch alone has nothing beside it to downsample.");
        Downsample = downsample == null ? null : RegisterModule("downsample", downsample);
    }

    private protected static Conv2d Conv3x3(int from, int to, int stride = 1, int groups = 1) =>
        new(from, to, 3, stride, padding: 1, groups: groups, bias: false);

    private protected static Conv2d Conv1x1(int from, int to, int stride = 1) => new(from, to, 1, stride, bias: false);

    private protected static void Zero(Module norm)
    {
        if (norm.NamedParameters("", recurse: false).FirstOrDefault(p => p.Name == "weight").Parameter is { } weight)
            Initialize.Constant(weight, 0);
    }
}
