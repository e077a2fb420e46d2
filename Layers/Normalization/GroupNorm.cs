using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Layers;

/// <summary>
/// Group normalisation: y = (x − mean) / √(variance + eps) · weight + bias, with the statistics of each group of
/// channels of each element of the batch. x [batch, channels, …], y the same. Wu, He 2018.
/// </summary>
/// <remarks>weight starts at 1, bias at 0. It does not mix the elements of a batch.</remarks>
public sealed class GroupNorm : Module
{
    /// <summary>Group normalisation.</summary>
    /// <param name="groups">How many groups the channels fall into.</param>
    /// <param name="channels">The number of channels, a multiple of the groups.</param>
    /// <param name="eps">Added to the variance.</param>
    /// <param name="affine">Whether there are a weight and a bias.</param>
    /// <param name="dtype">The element type of the parameters.</param>
    /// <param name="device">The device of the parameters.</param>
    /// <exception cref="ArgumentException">
    /// A setting is out of range, or the groups do not divide the channels.
    /// </exception>
    public GroupNorm(
        int groups,
        int channels,
        double eps = 1e-5,
        bool affine = true,
        DType dtype = DType.Float32,
        Device? device = null)
    {
        Groups = Settings.AtLeast(1, groups, Name, nameof(groups));
        Channels = Settings.AtLeast(1, channels, Name, nameof(channels));
        Settings.Divides(groups, channels, Name, nameof(channels));
        Eps = Settings.Positive(eps, Name, nameof(eps));
        Weight = RegisterParameter("weight", affine ? Tensor.Ones([channels], dtype, device) : null);
        Bias = RegisterParameter("bias", affine ? Tensor.Zeros([channels], dtype, device) : null);
    }

    /// <summary>How many groups the channels fall into.</summary>
    public int Groups { get; }

    /// <summary>The number of channels.</summary>
    public int Channels { get; }

    /// <summary>Added to the variance.</summary>
    public double Eps { get; }

    /// <summary>A factor for each channel, or null.</summary>
    public Parameter? Weight { get; }

    /// <summary>A summand for each channel, or null.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    public override Module NewLike() => new GroupNorm(
        Groups, Channels, Eps, Weight != null, Weight?.DType ?? DType.Float32, Weight?.Device);

    /// <inheritdoc/>
    protected override string ExtraRepresentation =>
        $"groups: {Groups}, channels: {Channels}, eps: {Settings.Text(Eps)}, affine: {Settings.Text(Weight != null)}";

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        if (x.Rank < 2 || x.Shape[1] != Channels)
            throw new ShapeException($"{Name}: wants [batch, {Channels}, …]; got {x.Shape}.");
        return x.GroupNorm(Groups, Weight, Bias, Eps);
    }
}
