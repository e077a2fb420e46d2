using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

/// <summary>Checks how windows step over images, in one place for all poolings.</summary>
internal static class PoolSettings
{
    /// <summary>Windows of one size.</summary>
    /// <exception cref="ShapeException">The input has no image, or a window does not fit it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside of its range.</exception>
    public static PoolShape Windows(
        string name, Shape input, Size2D kernel, Size2D? stride, Size2D padding, Size2D dilation, bool countsPadding)
    {
        var step = stride ?? kernel;
        ConvolutionSettings.Require(name, nameof(kernel), kernel, 1);
        ConvolutionSettings.Require(name, nameof(stride), step, 1);
        ConvolutionSettings.Require(name, nameof(padding), padding, 0);
        ConvolutionSettings.Require(name, nameof(dilation), dilation, 1);
        if (padding.Height > kernel.Height / 2 || padding.Width > kernel.Width / 2)
        {
            throw new ArgumentOutOfRangeException(
                nameof(padding), padding,
                $"{name}: padding must be at most half of the kernel {kernel}; pad the input with Pad for more.");
        }

        if ((long)kernel.Height * kernel.Width > int.MaxValue)
        {
            throw new ArgumentOutOfRangeException(
                nameof(kernel), kernel, $"{name}: a kernel has at most {int.MaxValue:N0} elements.");
        }

        var shape = Planes(name, input);
        shape.OutputHeight = ConvolutionSettings.OutputSize(
            name, "height", input[-2], kernel.Height, step.Height, padding.Height, dilation.Height);
        shape.OutputWidth = ConvolutionSettings.OutputSize(
            name, "width", input[-1], kernel.Width, step.Width, padding.Width, dilation.Width);
        (shape.KernelHeight, shape.KernelWidth) = (kernel.Height, kernel.Width);
        // A step beyond the padded image leaves one window, as any larger one does; those would wrap around in kernels.
        shape.StrideY = (int)Math.Min(step.Height, input[-2] + (2L * padding.Height));
        shape.StrideX = (int)Math.Min(step.Width, input[-1] + (2L * padding.Width));
        (shape.PaddingY, shape.PaddingX) = (padding.Height, padding.Width);
        (shape.DilationY, shape.DilationX) = (dilation.Height, dilation.Width);
        shape.CountsPadding = countsPadding ? 1 : 0;
        return shape;
    }

    /// <summary>Windows that share out the input among a number of outputs.</summary>
    /// <exception cref="ShapeException">The input has no image.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The output has no elements.</exception>
    public static PoolShape Adaptive(string name, Shape input, Size2D output)
    {
        ConvolutionSettings.Require(name, nameof(output), output, 1);
        var shape = Planes(name, input);
        (shape.OutputHeight, shape.OutputWidth) = (output.Height, output.Width);
        (shape.DilationY, shape.DilationX) = (1, 1);
        return shape;
    }

    private static PoolShape Planes(string name, Shape input)
    {
        if (input.Rank is < 3 or > 4)
            throw new ShapeException(
                $"{name}: wants [images, channels, height, width] or [channels, height, width]; got {input}.");
        if (input[-2] == 0 || input[-1] == 0)
            throw new ShapeException($"{name}: the images of {input} have no elements.");
        return new PoolShape { Planes = input[..^2].ElementCount, InputHeight = input[-2], InputWidth = input[-1] };
    }
}
