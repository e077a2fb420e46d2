using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Layers;

/// <summary>
/// A convolution: y[n, o] = b[o] + Σ over the input channels of o's group and the kernel of x · w, zeros outside of x.
/// x [images, in, height, width], y [images, out, (height + 2p − d (kernel − 1) − 1) / s + 1, same for the width].
/// </summary>
/// <remarks>w and b start uniform in ±1/√(in / groups · kernel height · kernel width).</remarks>
public sealed class Conv2d : Convolution
{
    /// <summary>A convolution.</summary>
    /// <param name="inChannels">The number of input channels, a multiple of the groups.</param>
    /// <param name="outChannels">The number of output channels, a multiple of the groups.</param>
    /// <param name="kernel">The size of the kernel.</param>
    /// <param name="stride">s, from one place of the kernel to the next; 1 when left out.</param>
    /// <param name="padding">p, zeros added at each side; 0 when left out.</param>
    /// <param name="dilation">d, from one element of the kernel to the next; 1 when left out.</param>
    /// <param name="groups">How many groups the channels fall into.</param>
    /// <param name="bias">Whether b is there.</param>
    /// <param name="dtype">The element type of the parameters.</param>
    /// <param name="device">The device of the parameters.</param>
    /// <exception cref="ArgumentException">
    /// A setting is out of range, or the groups do not divide the channels.
    /// </exception>
    public Conv2d(
        int inChannels,
        int outChannels,
        Size2D kernel,
        Size2D? stride = null,
        Size2D? padding = null,
        Size2D? dilation = null,
        int groups = 1,
        bool bias = true,
        DType dtype = DType.Float32,
        Device? device = null)
        : base(inChannels, outChannels, kernel, stride ?? 1, padding ?? 0, dilation ?? 1, groups) =>
        Register(outChannels, inChannels / groups, bias, dtype, device);

    /// <inheritdoc/>
    public override Module NewLike() => new Conv2d(
        InChannels, OutChannels, Kernel, Stride, Padding, Dilation, Groups, Bias != null, Weight.DType, Weight.Device);

    /// <inheritdoc/>
    protected override string ExtraRepresentation =>
        $"inChannels: {InChannels}, outChannels: {OutChannels}, kernel: {Settings.Text(Kernel)}, " +
        $"stride: {Settings.Text(Stride)}, padding: {Settings.Text(Padding)}, dilation: {Settings.Text(Dilation)}, " +
        $"groups: {Groups}, bias: {Settings.Text(Bias != null)}";

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => x.Conv2d(Weight, Bias, Stride, Padding, Dilation, Groups);
}
