namespace MomentumCore.Kernels.Library;

/// <summary>All sizes of a 2-D convolution, as plain numbers that a kernel can take.</summary>
/// <remarks>
/// Images are [images, channels, height, width], weights [output channels, input channels / groups, kernel height,
/// kernel width], all gapless. Output row oy reads input rows oy · stride − padding + ky · dilation.
/// </remarks>
public struct ConvolutionShape
{
    /// <summary>How many images there are.</summary>
    public int Images;

    /// <summary>Channels of an input image.</summary>
    public int InputChannels;

    /// <summary>Rows of an input image.</summary>
    public int InputHeight;

    /// <summary>Columns of an input image.</summary>
    public int InputWidth;

    /// <summary>Channels of an output image.</summary>
    public int OutputChannels;

    /// <summary>Rows of an output image.</summary>
    public int OutputHeight;

    /// <summary>Columns of an output image.</summary>
    public int OutputWidth;

    /// <summary>Rows of the kernel.</summary>
    public int KernelHeight;

    /// <summary>Columns of the kernel.</summary>
    public int KernelWidth;

    /// <summary>Input rows from one output row to the next.</summary>
    public int StrideY;

    /// <summary>Input columns from one output column to the next.</summary>
    public int StrideX;

    /// <summary>Rows of zeros above and below the input.</summary>
    public int PaddingY;

    /// <summary>Columns of zeros left and right of the input.</summary>
    public int PaddingX;

    /// <summary>Input rows from one kernel row to the next.</summary>
    public int DilationY;

    /// <summary>Input columns from one kernel column to the next.</summary>
    public int DilationX;

    /// <summary>The channels fall into this many groups, each convolved by itself.</summary>
    public int Groups;

    /// <summary>Elements of all input images.</summary>
    public readonly int InputCount => Images * InputChannels * InputHeight * InputWidth;

    /// <summary>Elements of all output images.</summary>
    public readonly int OutputCount => Images * OutputChannels * OutputHeight * OutputWidth;

    /// <summary>Elements of the weights.</summary>
    public readonly int WeightCount => OutputChannels * (InputChannels / Groups) * KernelHeight * KernelWidth;
}
