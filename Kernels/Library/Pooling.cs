using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>Kernels that make one number from each window of an image, and their derivatives.</summary>
public static partial class Pooling
{
    /// <summary>
    /// y = the largest of each window, map = its place in the input plane; the first of equals, a NaN before all.
    /// </summary>
    [Kernel]
    public static void Max(Index1D i, ArrayView<float> x, ArrayView<float> y, ArrayView<int> map, PoolShape s)
    {
        int ox = i.X % s.OutputWidth;
        int oy = i.X / s.OutputWidth % s.OutputHeight;
        long plane = (long)(i.X / (s.OutputWidth * s.OutputHeight)) * s.InputHeight * s.InputWidth;
        int top = First(oy, s.InputHeight, s.OutputHeight, s.StrideY, s.PaddingY);
        int left = First(ox, s.InputWidth, s.OutputWidth, s.StrideX, s.PaddingX);
        int bottom = End(oy, s.InputHeight, s.OutputHeight, s.StrideY, s.PaddingY, s.KernelHeight, s.DilationY);
        int right = End(ox, s.InputWidth, s.OutputWidth, s.StrideX, s.PaddingX, s.KernelWidth, s.DilationX);
        float best = float.NegativeInfinity;
        int at = -1;
        for (int iy = top; iy < bottom; iy += s.DilationY)
        {
            for (int ix = left; ix < right; ix += s.DilationX)
            {
                if (iy >= 0 && ix >= 0)
                {
                    float value = x[plane + iy * s.InputWidth + ix];
                    if (at < 0 || value > best || float.IsNaN(value))
                    {
                        best = value;
                        at = iy * s.InputWidth + ix;
                    }
                }
            }
        }

        y[i] = best;
        map[i] = at;
    }

    /// <summary>y = h at the place that the map names, 0 where it names none.</summary>
    [Kernel]
    public static void Gather(
        Index1D i, ArrayView<float> h, ArrayView<int> map, ArrayView<float> y, int inputSize, int outputSize)
    {
        long plane = (long)(i.X / outputSize) * inputSize;
        y[i] = map[i] < 0 ? 0f : h[plane + map[i]];
    }

    /// <summary>dx = for plane i, each g added at the place that the map names, in the order of the outputs.</summary>
    [Kernel]
    public static void Scatter(
        Index1D i, ArrayView<float> g, ArrayView<int> map, ArrayView<float> dx, int inputSize, int outputSize)
    {
        long input = (long)i.X * inputSize;
        long output = (long)i.X * outputSize;
        for (int k = 0; k < inputSize; k++)
            dx[input + k] = 0f;
        for (int k = 0; k < outputSize; k++)
        {
            int at = map[output + k];
            if (at >= 0)
                dx[input + at] = dx[input + at] + g[output + k];
        }
    }

    /// <summary>y = the mean of each window.</summary>
    [Kernel]
    public static void Average(Index1D i, ArrayView<float> x, ArrayView<float> y, PoolShape s)
    {
        int ox = i.X % s.OutputWidth;
        int oy = i.X / s.OutputWidth % s.OutputHeight;
        long plane = (long)(i.X / (s.OutputWidth * s.OutputHeight)) * s.InputHeight * s.InputWidth;
        int top = Larger(0, First(oy, s.InputHeight, s.OutputHeight, s.StrideY, s.PaddingY));
        int left = Larger(0, First(ox, s.InputWidth, s.OutputWidth, s.StrideX, s.PaddingX));
        int bottom = End(oy, s.InputHeight, s.OutputHeight, s.StrideY, s.PaddingY, s.KernelHeight, 1);
        int right = End(ox, s.InputWidth, s.OutputWidth, s.StrideX, s.PaddingX, s.KernelWidth, 1);
        float sum = 0f;
        for (int iy = top; iy < bottom; iy++)
        {
            for (int ix = left; ix < right; ix++)
                sum += x[plane + iy * s.InputWidth + ix];
        }

        int count = s.CountsPadding != 0 ? s.KernelHeight * s.KernelWidth : (bottom - top) * (right - left);
        y[i] = sum / count;
    }

    /// <summary>
    /// dx from g = dL/dy of <c>Average</c>: for each input the sum of g / count over the windows that cover it.
    /// </summary>
    [Kernel]
    public static void AverageGradient(Index1D i, ArrayView<float> g, ArrayView<float> dx, PoolShape s)
    {
        int ix = i.X % s.InputWidth;
        int iy = i.X / s.InputWidth % s.InputHeight;
        long plane = (long)(i.X / (s.InputWidth * s.InputHeight)) * s.OutputHeight * s.OutputWidth;
        int firstY = FirstCover(iy, s.InputHeight, s.OutputHeight, s.StrideY, s.PaddingY, s.KernelHeight);
        int firstX = FirstCover(ix, s.InputWidth, s.OutputWidth, s.StrideX, s.PaddingX, s.KernelWidth);
        int endY = EndCover(iy, s.InputHeight, s.OutputHeight, s.StrideY, s.PaddingY);
        int endX = EndCover(ix, s.InputWidth, s.OutputWidth, s.StrideX, s.PaddingX);
        float sum = 0f;
        for (int oy = firstY; oy < endY; oy++)
        {
            int height = End(oy, s.InputHeight, s.OutputHeight, s.StrideY, s.PaddingY, s.KernelHeight, 1)
                - Larger(0, First(oy, s.InputHeight, s.OutputHeight, s.StrideY, s.PaddingY));
            for (int ox = firstX; ox < endX; ox++)
            {
                int width = End(ox, s.InputWidth, s.OutputWidth, s.StrideX, s.PaddingX, s.KernelWidth, 1)
                    - Larger(0, First(ox, s.InputWidth, s.OutputWidth, s.StrideX, s.PaddingX));
                int count = s.CountsPadding != 0 ? s.KernelHeight * s.KernelWidth : height * width;
                sum += g[plane + oy * s.OutputWidth + ox] / count;
            }
        }

        dx[i] = sum;
    }

    /// <summary>The first input of output o's window; below 0 in the padding.</summary>
    internal static int First(int o, int input, int output, int stride, int padding) =>
        stride == 0 ? (int)((long)o * input / output) : o * stride - padding;

    /// <summary>The end of output o's window, not beyond the input's.</summary>
    internal static int End(int o, int input, int output, int stride, int padding, int kernel, int dilation) =>
        stride == 0
            ? (int)(((long)(o + 1) * input + output - 1) / output)
            : Smaller(input, o * stride - padding + (kernel - 1) * dilation + 1);

    /// <summary>The first output whose window covers an input.</summary>
    private static int FirstCover(int i, int input, int output, int stride, int padding, int kernel) =>
        stride == 0 ? (int)((long)i * output / input) : Larger(0, (i + padding - kernel + stride) / stride);

    /// <summary>The end of the outputs whose windows cover an input.</summary>
    private static int EndCover(int i, int input, int output, int stride, int padding) =>
        stride == 0 ? (int)(((long)(i + 1) * output + input - 1) / input) : Smaller(output, (i + padding) / stride + 1);

    private static int Larger(int a, int b) => a > b ? a : b;

    private static int Smaller(int a, int b) => a < b ? a : b;
}
