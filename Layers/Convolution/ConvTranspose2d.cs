using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Layers;

/// <summary>
/// The transpose of a convolution, which enlarges images. x [images, in, height, width],
/// y [images, out, (height − 1) s − 2p + d (kernel − 1) + 1 + outputPadding, same for the width].
/// </summary>
/// <remarks>w and b start uniform in ±1/√(out / groups · kernel height · kernel width).</remarks>
public sealed class ConvTranspose2d : Module
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
    {
        InChannels = Settings.AtLeast(1, inChannels, Name, nameof(inChannels));
        OutChannels = Settings.AtLeast(1, outChannels, Name, nameof(outChannels));
        Kernel = Settings.AtLeast(1, kernel, Name, nameof(kernel));
        Stride = Settings.AtLeast(1, stride ?? 1, Name, nameof(stride));
        Padding = Settings.AtLeast(0, padding ?? 0, Name, nameof(padding));
        OutputPadding = Settings.AtLeast(0, outputPadding ?? 0, Name, nameof(outputPadding));
        Dilation = Settings.AtLeast(1, dilation ?? 1, Name, nameof(dilation));
        Groups = Settings.AtLeast(1, groups, Name, nameof(groups));
        Settings.Divides(groups, inChannels, Name, nameof(inChannels));
        Settings.Divides(groups, outChannels, Name, nameof(outChannels));
        if (OutputPadding.Height >= Math.Max(Stride.Height, Dilation.Height)
            || OutputPadding.Width >= Math.Max(Stride.Width, Dilation.Width))
        {
            throw new ArgumentOutOfRangeException(
                nameof(outputPadding),
                $"{Name}: outputPadding {OutputPadding} must be below stride {Stride} or dilation {Dilation}.");
        }

        Weight = RegisterParameter(
            "weight", Tensor.Zeros([inChannels, outChannels / groups, kernel.Height, kernel.Width], dtype, device));
        Bias = RegisterParameter("bias", bias ? Tensor.Zeros([outChannels], dtype, device) : null);
        ResetParameters();
    }

    /// <summary>The number of input channels.</summary>
    public int InChannels { get; }

    /// <summary>The number of output channels.</summary>
    public int OutChannels { get; }

    /// <summary>The size of the kernel.</summary>
    public Size2D Kernel { get; }

    /// <summary>s: how far apart the kernel's places in the output are.</summary>
    public Size2D Stride { get; }

    /// <summary>p: rows and columns cut off at each side of the output.</summary>
    public Size2D Padding { get; }

    /// <summary>Rows and columns added at one side of the output.</summary>
    public Size2D OutputPadding { get; }

    /// <summary>d: from one element of the kernel to the next.</summary>
    public Size2D Dilation { get; }

    /// <summary>How many groups the channels fall into.</summary>
    public int Groups { get; }

    /// <summary>w [in, out / groups, kernel height, kernel width].</summary>
    public Parameter Weight { get; }

    /// <summary>b [out], or null.</summary>
    public Parameter? Bias { get; }

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

    /// <summary>Draws new initial values.</summary>
    public void ResetParameters() => Initialize.UniformByFanIn(Weight, Bias);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) =>
        x.ConvTranspose2d(Weight, Bias, Stride, Padding, OutputPadding, Dilation, Groups);
}
