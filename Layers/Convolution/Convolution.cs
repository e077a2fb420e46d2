using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Layers;

/// <summary>What a convolution of images and its transpose have in common: settings, weight and bias.</summary>
public abstract class Convolution : Module
{
    private protected Convolution(
        int inChannels,
        int outChannels,
        Size2D kernel,
        Size2D stride,
        Size2D padding,
        Size2D dilation,
        int groups)
    {
        InChannels = Settings.AtLeast(1, inChannels, Name, nameof(inChannels));
        OutChannels = Settings.AtLeast(1, outChannels, Name, nameof(outChannels));
        Kernel = Settings.AtLeast(1, kernel, Name, nameof(kernel));
        Stride = Settings.AtLeast(1, stride, Name, nameof(stride));
        Padding = Settings.AtLeast(0, padding, Name, nameof(padding));
        Dilation = Settings.AtLeast(1, dilation, Name, nameof(dilation));
        Groups = Settings.AtLeast(1, groups, Name, nameof(groups));
        Settings.Divides(groups, inChannels, Name, nameof(inChannels));
        Settings.Divides(groups, outChannels, Name, nameof(outChannels));
    }

    /// <summary>The number of input channels.</summary>
    public int InChannels { get; }

    /// <summary>The number of output channels.</summary>
    public int OutChannels { get; }

    /// <summary>The size of the kernel.</summary>
    public Size2D Kernel { get; }

    /// <summary>s: from one place of the kernel to the next, in the input or, transposed, in the output.</summary>
    public Size2D Stride { get; }

    /// <summary>p: zeros added at each side of the input or, transposed, cut off the output.</summary>
    public Size2D Padding { get; }

    /// <summary>d: from one element of the kernel to the next.</summary>
    public Size2D Dilation { get; }

    /// <summary>How many groups the channels fall into.</summary>
    public int Groups { get; }

    /// <summary>
    /// w [out, in / groups, kernel height, kernel width] or, transposed, [in, out / groups, kernel height, kernel
    /// width].
    /// </summary>
    public Parameter Weight { get; private set; } = null!; // by Register, which ends every constructor

    /// <summary>b [out], or null.</summary>
    public Parameter? Bias { get; private set; }

    /// <summary>Draws new initial values.</summary>
    public void ResetParameters() => Initialize.UniformByFanIn(Weight, Bias);

    /// <summary>Makes weight and bias.</summary>
    private protected void Register(int first, int second, bool bias, DType dtype, Device? device)
    {
        Weight = RegisterParameter("weight", Tensor.Zeros([first, second, Kernel.Height, Kernel.Width], dtype, device));
        Bias = RegisterParameter("bias", bias ? Tensor.Zeros([OutChannels], dtype, device) : null);
        ResetParameters();
    }
}
