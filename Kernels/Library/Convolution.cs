using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>
/// 2-D convolution and its two derivatives: the plain kernels that every device runs, one work item for each element
/// of the result.
/// </summary>
public static partial class Convolution
{
    /// <summary>
    /// y[n, o, oy, ox] = Σ x[n, c, oy·s − p + ky·d, ox·s − p + kx·d] · w[o, c, ky, kx] over c of o's group, ky, kx.
    /// </summary>
    [Kernel]
    public static void Forward(
        Index1D i, ArrayView<float> x, ArrayView<float> w, ArrayView<float> y, ConvolutionShape s)
    {
        int ox = i.X % s.OutputWidth;
        int oy = i.X / s.OutputWidth % s.OutputHeight;
        int plane = i.X / (s.OutputWidth * s.OutputHeight);
        int o = plane % s.OutputChannels;
        int n = plane / s.OutputChannels;
        int inGroup = s.InputChannels / s.Groups;
        int firstChannel = o / (s.OutputChannels / s.Groups) * inGroup;
        float sum = 0f;
        for (int c = 0; c < inGroup; c++)
        {
            int source = (n * s.InputChannels + firstChannel + c) * s.InputHeight;
            int weight = (o * inGroup + c) * s.KernelHeight;
            for (int ky = 0; ky < s.KernelHeight; ky++)
            {
                int iy = oy * s.StrideY - s.PaddingY + ky * s.DilationY;
                if (iy >= 0 && iy < s.InputHeight)
                {
                    for (int kx = 0; kx < s.KernelWidth; kx++)
                    {
                        int ix = ox * s.StrideX - s.PaddingX + kx * s.DilationX;
                        if (ix >= 0 && ix < s.InputWidth)
                            sum += x[(source + iy) * s.InputWidth + ix] * w[(weight + ky) * s.KernelWidth + kx];
                    }
                }
            }
        }

        y[i] = sum;
    }

    /// <summary>
    /// dx, from g = dL/dy: the adjoint of <c>Forward</c> in x, and the forward step of a transposed convolution.
    /// </summary>
    [Kernel]
    public static void InputGradient(
        Index1D i, ArrayView<float> g, ArrayView<float> w, ArrayView<float> dx, ConvolutionShape s)
    {
        int ix = i.X % s.InputWidth;
        int iy = i.X / s.InputWidth % s.InputHeight;
        int plane = i.X / (s.InputWidth * s.InputHeight);
        int channel = plane % s.InputChannels;
        int n = plane / s.InputChannels;
        int inGroup = s.InputChannels / s.Groups;
        int outGroup = s.OutputChannels / s.Groups;
        int group = channel / inGroup;
        int c = channel - group * inGroup;
        float sum = 0f;
        for (int o = group * outGroup; o < (group + 1) * outGroup; o++)
        {
            int source = (n * s.OutputChannels + o) * s.OutputHeight;
            int weight = (o * inGroup + c) * s.KernelHeight;
            for (int ky = 0; ky < s.KernelHeight; ky++)
            {
                int y = iy + s.PaddingY - ky * s.DilationY;
                int oy = y / s.StrideY;
                if (y >= 0 && oy * s.StrideY == y && oy < s.OutputHeight)
                {
                    for (int kx = 0; kx < s.KernelWidth; kx++)
                    {
                        int x = ix + s.PaddingX - kx * s.DilationX;
                        int ox = x / s.StrideX;
                        if (x >= 0 && ox * s.StrideX == x && ox < s.OutputWidth)
                            sum += g[(source + oy) * s.OutputWidth + ox] * w[(weight + ky) * s.KernelWidth + kx];
                    }
                }
            }
        }

        dx[i] = sum;
    }

    /// <summary>
    /// dw, from g = dL/dy: the adjoint of <c>Forward</c> in w. Adds over images, rows and columns in that order.
    /// </summary>
    [Kernel]
    public static void WeightGradient(
        Index1D i, ArrayView<float> x, ArrayView<float> g, ArrayView<float> dw, ConvolutionShape s)
    {
        int kx = i.X % s.KernelWidth;
        int ky = i.X / s.KernelWidth % s.KernelHeight;
        int plane = i.X / (s.KernelWidth * s.KernelHeight);
        int inGroup = s.InputChannels / s.Groups;
        int o = plane / inGroup;
        int channel = o / (s.OutputChannels / s.Groups) * inGroup + plane % inGroup;
        float sum = 0f;
        for (int n = 0; n < s.Images; n++)
        {
            for (int oy = 0; oy < s.OutputHeight; oy++)
            {
                int iy = oy * s.StrideY - s.PaddingY + ky * s.DilationY;
                if (iy >= 0 && iy < s.InputHeight)
                {
                    int source = ((n * s.InputChannels + channel) * s.InputHeight + iy) * s.InputWidth;
                    int target = ((n * s.OutputChannels + o) * s.OutputHeight + oy) * s.OutputWidth;
                    for (int ox = 0; ox < s.OutputWidth; ox++)
                    {
                        int ix = ox * s.StrideX - s.PaddingX + kx * s.DilationX;
                        if (ix >= 0 && ix < s.InputWidth)
                            sum += x[source + ix] * g[target + ox];
                    }
                }
            }
        }

        dw[i] = sum;
    }

    /// <summary>y[n, c, …] += bias[c] for planes of <paramref name="size"/> elements.</summary>
    [Kernel]
    public static void AddBias(Index1D i, ArrayView<float> bias, ArrayView<float> y, int channels, int size) =>
        y[i] = y[i] + bias[i.X / size % channels];
}
