using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Layers;

/// <summary>
/// The transpose of a convolution, which enlarges images. x [images, in, height, width],
/// y [images, out, (height − 1) s − 2p + d (kernel − 1) + 1 + outputPadding, same for the width].
/// </summary>
/// <remarks>w and b start uniform in ±1/√(out / groups · kernel height · kernel width).</remarks>
public sealed class ConvTranspose2d : Convolution
{
    /// <summary>A transposed convolution.</summary>
    /// <param name="inChannels">The number of input channels, a multiple of the groups.</param>
    /// <param name="outChannels">The number of output channels, a multiple of the groups.</param>
    /// <param name="kernel">The size of the kernel.</param>
    /// <param name="stride">s; 1 when left out.</param>
    /// <param name="padding">p; 0 when left out.</param>
    /// <param name="outputPadding">Rows and columns added at one side of y; below the stride or the dilation.</param>
    /// <param name="groups">How many groups the channels fall into.</param>
    /// <param name="bias">Whether b is there.</param>
    /// <param name="dilation">d; 1 when left out.</param>
    /// <param name="dtype">The element type of the parameters.</param>
    /// <param name="device">The device of the parameters.</param>
    /// <exception cref="ArgumentException">
    /// A setting is out of range, or the groups do not divide the channels.
    /// </exception>
    public ConvTranspose2d(
        int inChannels,
        int outChannels,
        Size2D kernel,
        Size2D? stride = null,
        Size2D? padding = null,
        Size2D? outputPadding = null,
        int groups = 1,
        bool bias = true,
        Size2D? dilation = null,
        DType dtype = DType.Float32,
        Device? device = null)
        : base(inChannels, outChannels, kernel, stride ?? 1, padding ?? 0, dilation ?? 1, groups)
    {
        OutputPadding = Settings.AtLeast(0, outputPadding ?? 0, Name, nameof(outputPadding));
        if (OutputPadding.Height >= Math.Max(Stride.Height, Dilation.Height)
            || OutputPadding.Width >= Math.Max(Stride.Width, Dilation.Width))
        {
            throw new ArgumentOutOfRangeException(
                nameof(outputPadding),
                $"{Name}: outputPadding {OutputPadding} must be below stride {Stride} or dilation {Dilation}.");
        }

        Register(inChannels, outChannels / groups, bias, dtype, device);
    }

    /// <summary>Rows and columns added at one side of the output.</summary>
    public Size2D OutputPadding { get; }

    /// <inheritdoc/>
    public override Module NewLike() => new ConvTranspose2d(
        InChannels, OutChannels, Kernel, Stride, Padding, OutputPadding, Groups, Bias != null, Dilation, Weight.DType,
        Weight.Device);

    /// <inheritdoc/>
    protected override string ExtraRepresentation =>
        $"inChannels: {InChannels}, outChannels: {OutChannels}, kernel: {Settings.Text(Kernel)}, " +
        $"stride: {Settings.Text(Stride)}, padding: {Settings.Text(Padding)}, " +
        $"outputPadding: {Settings.Text(OutputPadding)}, groups: {Groups}, " +
        $"bias: {Settings.Text(Bias != null)}, dilation: {Settings.Text(Dilation)}";

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) =>
        x.ConvTranspose2d(Weight, Bias, Stride, Padding, OutputPadding, Dilation, Groups);
}
