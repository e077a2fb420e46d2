using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Layers;

/// <summary>
/// Instance normalisation of images: y = (x − mean) / √(variance + eps) · weight + bias, with the statistics of each
/// channel of each image. x [images, channels, height, width], y the same. Ulyanov, Vedaldi, Lempitsky 2016.
/// </summary>
/// <remarks>As in PyTorch there are no parameters unless affine is asked for. It keeps no running statistics.</remarks>
public sealed class InstanceNorm2d : Module
{
    /// <summary>Instance normalisation.</summary>
    /// <param name="channels">The number of channels.</param>
    /// <param name="eps">Added to the variance.</param>
    /// <param name="affine">Whether there are a weight (starting at 1) and a bias (starting at 0).</param>
    /// <param name="dtype">The element type of the parameters.</param>
    /// <param name="device">The device of the parameters.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public InstanceNorm2d(
        int channels, double eps = 1e-5, bool affine = false, DType dtype = DType.Float32, Device? device = null)
    {
        Channels = Settings.AtLeast(1, channels, Name, nameof(channels));
        Eps = Settings.Positive(eps, Name, nameof(eps));
        Weight = RegisterParameter("weight", affine ? Tensor.Ones([channels], dtype, device) : null);
        Bias = RegisterParameter("bias", affine ? Tensor.Zeros([channels], dtype, device) : null);
    }

    /// <summary>The number of channels.</summary>
    public int Channels { get; }

    /// <summary>Added to the variance.</summary>
    public double Eps { get; }

    /// <summary>A factor for each channel, or null.</summary>
    public Parameter? Weight { get; }

    /// <summary>A summand for each channel, or null.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    public override Module NewLike() =>
        new InstanceNorm2d(Channels, Eps, Weight != null, Weight?.DType ?? DType.Float32, Weight?.Device);

    /// <inheritdoc/>
    protected override string ExtraRepresentation =>
        $"channels: {Channels}, eps: {Settings.Text(Eps)}, affine: {Settings.Text(Weight != null)}";

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        if (x.Rank != 4 || x.Shape[1] != Channels)
            throw new ShapeException($"{Name}: wants [images, {Channels}, height, width]; got {x.Shape}.");
        return x.InstanceNorm(Weight, Bias, Eps);
    }
}
