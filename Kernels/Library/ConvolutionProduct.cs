using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Kernels.Dialect;
using MomentumCore.Kernels.Library.Cpu;

namespace MomentumCore.Kernels.Library;

/// <summary>A convolution and its two derivatives, by the best code of the device.</summary>
public static unsafe class ConvolutionProduct
{
    /// <summary>y = x ∗ w, plus a bias for each output channel where the view is not empty.</summary>
    public static void Forward(
        Device device,
        ArrayView<float> x,
        ArrayView<float> w,
        ArrayView<float> bias,
        ArrayView<float> y,
        in ConvolutionShape shape)
    {
        if (device is CpuDevice cpu)
        {
            ForwardOnCpu(cpu, x, w, bias, y, shape);
            return;
        }

        int rows = shape.OutputChannels / shape.Groups, columns = shape.Images * shape.OutputHeight * shape.OutputWidth;
        if (ProductTiles.Fit(device, rows, columns))
            TiledProducts.Forward(device, ProductTiles.Config(rows, columns, shape.Groups), x, w, y, shape);
        else
            Convolution.Forward(device, shape.OutputCount, x, w, y, shape);
        if (bias.Length > 0)
            Convolution.AddBias(device, shape.OutputCount, bias, y, shape.OutputChannels, shape.OutputHeight * shape.OutputWidth);
    }

    /// <inheritdoc cref="Forward(Device, ArrayView{float}, ArrayView{float}, ArrayView{float}, ArrayView{float}, in ConvolutionShape)"/>
    public static void Forward(
        Device device,
        ArrayView<double> x,
        ArrayView<double> w,
        ArrayView<double> bias,
        ArrayView<double> y,
        in ConvolutionShape shape)
    {
        if (device is CpuDevice cpu)
        {
            ForwardOnCpu(cpu, x, w, bias, y, shape);
            return;
        }

        int rows = shape.OutputChannels / shape.Groups, columns = shape.Images * shape.OutputHeight * shape.OutputWidth;
        if (ProductTiles.Fit(device, rows, columns))
            TiledProducts.Forward(device, ProductTiles.Config(rows, columns, shape.Groups), x, w, y, shape);
        else
            Convolution.Forward(device, shape.OutputCount, x, w, y, shape);
        if (bias.Length > 0)
            Convolution.AddBias(device, shape.OutputCount, bias, y, shape.OutputChannels, shape.OutputHeight * shape.OutputWidth);
    }

    /// <summary>dx from g = dL/dy, plus a bias for each input channel where the view is not empty.</summary>
    public static void InputGradient(
        Device device,
        ArrayView<float> g,
        ArrayView<float> w,
        ArrayView<float> bias,
        ArrayView<float> dx,
        in ConvolutionShape shape)
    {
        if (device is CpuDevice cpu)
        {
            InputGradientOnCpu(cpu, g, w, bias, dx, shape);
            return;
        }

        int rows = shape.InputChannels / shape.Groups, columns = shape.Images * shape.InputHeight * shape.InputWidth;
        if (ProductTiles.Fit(device, rows, columns))
            TiledProducts.InputGradient(device, ProductTiles.Config(rows, columns, shape.Groups), g, w, dx, shape);
        else
            Convolution.InputGradient(device, shape.InputCount, g, w, dx, shape);
        if (bias.Length > 0)
            Convolution.AddBias(device, shape.InputCount, bias, dx, shape.InputChannels, shape.InputHeight * shape.InputWidth);
    }

    /// <inheritdoc cref="InputGradient(Device, ArrayView{float}, ArrayView{float}, ArrayView{float}, ArrayView{float}, in ConvolutionShape)"/>
    public static void InputGradient(
        Device device,
        ArrayView<double> g,
        ArrayView<double> w,
        ArrayView<double> bias,
        ArrayView<double> dx,
        in ConvolutionShape shape)
    {
        if (device is CpuDevice cpu)
        {
            InputGradientOnCpu(cpu, g, w, bias, dx, shape);
            return;
        }

        int rows = shape.InputChannels / shape.Groups, columns = shape.Images * shape.InputHeight * shape.InputWidth;
        if (ProductTiles.Fit(device, rows, columns))
            TiledProducts.InputGradient(device, ProductTiles.Config(rows, columns, shape.Groups), g, w, dx, shape);
        else
            Convolution.InputGradient(device, shape.InputCount, g, w, dx, shape);
        if (bias.Length > 0)
            Convolution.AddBias(device, shape.InputCount, bias, dx, shape.InputChannels, shape.InputHeight * shape.InputWidth);
    }

    /// <summary>dw from g = dL/dy.</summary>
    public static void WeightGradient(
        Device device,
        ArrayView<float> x,
        ArrayView<float> g,
        ArrayView<float> unused,
        ArrayView<float> dw,
        in ConvolutionShape shape)
    {
        if (device is CpuDevice cpu)
        {
            CpuConvolutionWeights.Run(cpu, x.Pointer, g.Pointer, dw.Pointer, shape);
            return;
        }

        int rows = shape.OutputChannels / shape.Groups;
        int columns = shape.InputChannels / shape.Groups * shape.KernelHeight * shape.KernelWidth;
        if (ProductTiles.Fit(device, rows, columns))
            TiledProducts.WeightGradient(device, ProductTiles.Config(rows, columns, shape.Groups), x, g, dw, shape);
        else
            Convolution.WeightGradient(device, shape.WeightCount, x, g, dw, shape);
    }

    /// <inheritdoc cref="WeightGradient(Device, ArrayView{float}, ArrayView{float}, ArrayView{float}, ArrayView{float}, in ConvolutionShape)"/>
    public static void WeightGradient(
        Device device,
        ArrayView<double> x,
        ArrayView<double> g,
        ArrayView<double> unused,
        ArrayView<double> dw,
        in ConvolutionShape shape)
    {
        if (device is CpuDevice cpu)
        {
            CpuConvolutionWeights.Run(cpu, x.Pointer, g.Pointer, dw.Pointer, shape);
            return;
        }

        int rows = shape.OutputChannels / shape.Groups;
        int columns = shape.InputChannels / shape.Groups * shape.KernelHeight * shape.KernelWidth;
        if (ProductTiles.Fit(device, rows, columns))
            TiledProducts.WeightGradient(device, ProductTiles.Config(rows, columns, shape.Groups), x, g, dw, shape);
        else
            Convolution.WeightGradient(device, shape.WeightCount, x, g, dw, shape);
    }

    private static void ForwardOnCpu<T>(
        CpuDevice device, ArrayView<T> x, ArrayView<T> w, ArrayView<T> bias, ArrayView<T> y, in ConvolutionShape shape)
        where T : unmanaged
    {
        if (bias.Length > 0)
            CpuConvolutionForward.Run(device, x.Pointer, w.Pointer, y.Pointer, shape, new RowBias<T>(bias.Pointer));
        else
            CpuConvolutionForward.Run(device, x.Pointer, w.Pointer, y.Pointer, shape, default(NoEpilogue<T>));
    }

    private static void InputGradientOnCpu<T>(
        CpuDevice device, ArrayView<T> g, ArrayView<T> w, ArrayView<T> bias, ArrayView<T> dx, in ConvolutionShape shape)
        where T : unmanaged
    {
        if (bias.Length > 0)
            CpuConvolutionInput.Run(device, g.Pointer, w.Pointer, dx.Pointer, shape, new RowBias<T>(bias.Pointer));
        else
            CpuConvolutionInput.Run(device, g.Pointer, w.Pointer, dx.Pointer, shape, default(NoEpilogue<T>));
    }
}
