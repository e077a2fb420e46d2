using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

/// <summary>How a convolution steps, checked against shapes in one place.</summary>
internal readonly record struct ConvolutionSettings(Size2D Stride, Size2D Padding, Size2D Dilation, int Groups)
{
    /// <summary>Settings with their defaults filled in.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside of its range.</exception>
    public static ConvolutionSettings Create(string name, Size2D? stride, Size2D? padding, Size2D? dilation, int groups)
    {
        var settings = new ConvolutionSettings(stride ?? 1, padding ?? 0, dilation ?? 1, groups);
        Require(name, nameof(stride), settings.Stride, 1);
        Require(name, nameof(padding), settings.Padding, 0);
        Require(name, nameof(dilation), settings.Dilation, 1);
        if (groups < 1)
            throw new ArgumentOutOfRangeException(nameof(groups), groups, $"{name}: groups must be 1 or more.");
        return settings;
    }

    /// <summary>Throws unless both numbers are at least <paramref name="least"/>.</summary>
    public static void Require(string name, string what, Size2D size, int least)
    {
        if (size.Height < least || size.Width < least)
            throw new ArgumentOutOfRangeException(what, size, $"{name}: {what} must be {least} or more.");
    }

    /// <summary>The sizes of the convolution of an input with weights.</summary>
    /// <exception cref="ShapeException">They do not fit.</exception>
    public ConvolutionShape For(string name, Shape input, Shape weight)
    {
        if (input.Rank != 4 || weight.Rank != 4)
        {
            throw new ShapeException(
                $"{name}: wants an input [images, channels, height, width] and a weight " +
                $"[out, in / groups, height, width]; got {input} and {weight}.");
        }

        if (input[1] != weight[1] * Groups)
        {
            throw new ShapeException(
                $"{name}: the input {input} has {input[1]} channels; weight {weight} with {Groups} group(s) wants " +
                $"{weight[1] * Groups}.");
        }

        if (weight[0] % Groups != 0)
            throw new ShapeException(
                $"{name}: the {weight[0]} output channels of weight {weight} do not fall into {Groups} equal groups.");
        var shape = Fill(weight, input[0], input[1], weight[0]);
        (shape.InputHeight, shape.InputWidth) = (input[2], input[3]);
        shape.OutputHeight = OutputSize(
            name, "height", input[2], weight[2], Stride.Height, Padding.Height, Dilation.Height);
        shape.OutputWidth = OutputSize(name, "width", input[3], weight[3], Stride.Width, Padding.Width, Dilation.Width);
        return WithinImage(shape);
    }

    /// <summary>
    /// The sizes of the convolution that a transposed one reverses: its output is <paramref name="input"/>, its input
    /// the result.
    /// </summary>
    /// <exception cref="ShapeException">They do not fit.</exception>
    public ConvolutionShape ForTransposed(string name, Shape input, Shape weight, Size2D outputPadding)
    {
        if (input.Rank != 4 || weight.Rank != 4)
        {
            throw new ShapeException(
                $"{name}: wants an input [images, channels, height, width] and a weight " +
                $"[in, out / groups, height, width]; got {input} and {weight}.");
        }

        if (input[1] != weight[0])
            throw new ShapeException(
                $"{name}: the input {input} has {input[1]} channels; weight {weight} wants {weight[0]}.");
        if (input[1] % Groups != 0)
            throw new ShapeException($"{name}: the {input[1]} input channels do not fall into {Groups} equal groups.");
        var shape = Fill(weight, input[0], weight[1] * Groups, input[1]);
        (shape.OutputHeight, shape.OutputWidth) = (input[2], input[3]);
        shape.InputHeight = TransposedSize(
            name, "height", input[2], weight[2], Stride.Height, Padding.Height, Dilation.Height, outputPadding.Height);
        shape.InputWidth = TransposedSize(
            name, "width", input[3], weight[3], Stride.Width, Padding.Width, Dilation.Width, outputPadding.Width);
        return WithinImage(shape);
    }

    /// <summary>
    /// Steps beyond the padded image and the dilation of a single tap change nothing, and would wrap around in kernels.
    /// </summary>
    private static ConvolutionShape WithinImage(ConvolutionShape shape)
    {
        shape.StrideY = (int)Math.Min(shape.StrideY, shape.InputHeight + (2L * shape.PaddingY));
        shape.StrideX = (int)Math.Min(shape.StrideX, shape.InputWidth + (2L * shape.PaddingX));
        shape.DilationY = shape.KernelHeight == 1 ? 1 : shape.DilationY;
        shape.DilationX = shape.KernelWidth == 1 ? 1 : shape.DilationX;
        return shape;
    }

    /// <summary>How many windows of a kernel fit along one axis.</summary>
    public static int OutputSize(string name, string axis, int input, int kernel, int stride, int padding, int dilation)
    {
        // Long: settings far beyond any image must not wrap around into ones that fit.
        long window = ((long)dilation * (kernel - 1)) + 1;
        long padded = input + (2L * padding);
        if (padded > int.MaxValue)
        {
            throw new ShapeException(
                $"{name}: an input of {axis} {input} padded to {padded} is too large; the most is {int.MaxValue:N0}.");
        }

        if (kernel < 1 || padded < window)
        {
            string dilated = dilation > 1 ? $", dilated to {window}," : "";
            throw new ShapeException(
                $"{name}: a kernel of {axis} {kernel}{dilated} does not fit an input of " +
                $"{axis} {input}{(padding > 0 ? $" padded to {padded}" : "")}; use a smaller kernel or more padding.");
        }

        return (int)((padded - window) / stride) + 1;
    }

    private static int TransposedSize(
        string name, string axis, int input, int kernel, int stride, int padding, int dilation, int outputPadding)
    {
        if (outputPadding < 0 || outputPadding >= Math.Max(stride, dilation))
        {
            throw new ShapeException(
                $"{name}: outputPadding ({axis} {outputPadding}) must be below the stride ({stride}) or the dilation " +
                $"({dilation}).");
        }

        // Padded too, because kernels count in ints from the edge of the padding.
        long padded = ((input - 1L) * stride) + ((long)dilation * (kernel - 1)) + 1 + outputPadding;
        long size = padded - (2L * padding);
        if (input > 0 && size > 0 && padded <= int.MaxValue)
            return (int)size;
        throw new ShapeException(
            $"{name}: an input of {axis} {input} would give an output of {axis} {size}; " +
            (padded > int.MaxValue ? "use a smaller stride or dilation." : "use less padding."));
    }

    private ConvolutionShape Fill(Shape weight, int images, int inputChannels, int outputChannels) => new()
    {
        Images = images,
        InputChannels = inputChannels,
        OutputChannels = outputChannels,
        KernelHeight = weight[2],
        KernelWidth = weight[3],
        StrideY = Stride.Height,
        StrideX = Stride.Width,
        PaddingY = Padding.Height,
        PaddingX = Padding.Width,
        DilationY = Dilation.Height,
        DilationX = Dilation.Width,
        Groups = Groups,
    };
}
