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
        in ConvolutionShape shape) =>
        Forward<float, FloatProducts>(device, x, w, bias, y, shape);

    /// <summary>As with float.</summary>
    public static void Forward(
        Device device,
        ArrayView<double> x,
        ArrayView<double> w,
        ArrayView<double> bias,
        ArrayView<double> y,
        in ConvolutionShape shape) =>
        Forward<double, DoubleProducts>(device, x, w, bias, y, shape);

    /// <summary>dx from g = dL/dy, plus a bias for each input channel where the view is not empty.</summary>
    public static void InputGradient(
        Device device,
        ArrayView<float> g,
        ArrayView<float> w,
        ArrayView<float> bias,
        ArrayView<float> dx,
        in ConvolutionShape shape) =>
        InputGradient<float, FloatProducts>(device, g, w, bias, dx, shape);

    /// <summary>As with float.</summary>
    public static void InputGradient(
        Device device,
        ArrayView<double> g,
        ArrayView<double> w,
        ArrayView<double> bias,
        ArrayView<double> dx,
        in ConvolutionShape shape) =>
        InputGradient<double, DoubleProducts>(device, g, w, bias, dx, shape);

    /// <summary>dw from g = dL/dy.</summary>
    public static void WeightGradient(
        Device device,
        ArrayView<float> x,
        ArrayView<float> g,
        ArrayView<float> unused,
        ArrayView<float> dw,
        in ConvolutionShape shape) =>
        WeightGradient<float, FloatProducts>(device, x, g, dw, shape);

    /// <summary>As with float.</summary>
    public static void WeightGradient(
        Device device,
        ArrayView<double> x,
        ArrayView<double> g,
        ArrayView<double> unused,
        ArrayView<double> dw,
        in ConvolutionShape shape) =>
        WeightGradient<double, DoubleProducts>(device, x, g, dw, shape);

    private static void Forward<T, TKernels>(
        Device device, ArrayView<T> x, ArrayView<T> w, ArrayView<T> bias, ArrayView<T> y, in ConvolutionShape shape)
        where T : unmanaged
        where TKernels : struct, IProductKernels<T>
    {
        if (device is CpuDevice cpu)
        {
            if (bias.Length > 0)
                CpuConvolutionForward.Run(cpu, x.Pointer, w.Pointer, y.Pointer, shape, new RowBias<T>(bias.Pointer));
            else
                CpuConvolutionForward.Run(cpu, x.Pointer, w.Pointer, y.Pointer, shape, default(NoEpilogue<T>));
            return;
        }

        if (!InTiles<T, TKernels>(device, w, x, y, ConvolutionTiles.Forward(shape), shape))
            TKernels.Forward(device, x, w, y, shape);
        int plane = shape.OutputHeight * shape.OutputWidth;
        if (bias.Length > 0)
            TKernels.AddChannelBias(device, shape.OutputCount, bias, y, shape.OutputChannels, plane);
    }

    private static void InputGradient<T, TKernels>(
        Device device, ArrayView<T> g, ArrayView<T> w, ArrayView<T> bias, ArrayView<T> dx, in ConvolutionShape shape)
        where T : unmanaged
        where TKernels : struct, IProductKernels<T>
    {
        if (device is CpuDevice cpu)
        {
            if (bias.Length > 0)
                CpuConvolutionInput.Run(cpu, g.Pointer, w.Pointer, dx.Pointer, shape, new RowBias<T>(bias.Pointer));
            else
                CpuConvolutionInput.Run(cpu, g.Pointer, w.Pointer, dx.Pointer, shape, default(NoEpilogue<T>));
            return;
        }

        if (!InTiles<T, TKernels>(device, w, g, dx, ConvolutionTiles.InputGradient(shape), shape))
            TKernels.InputGradient(device, g, w, dx, shape);
        int plane = shape.InputHeight * shape.InputWidth;
        if (bias.Length > 0)
            TKernels.AddChannelBias(device, shape.InputCount, bias, dx, shape.InputChannels, plane);
    }

    private static void WeightGradient<T, TKernels>(
        Device device, ArrayView<T> x, ArrayView<T> g, ArrayView<T> dw, in ConvolutionShape shape)
        where T : unmanaged
        where TKernels : struct, IProductKernels<T>
    {
        if (device is CpuDevice cpu)
            CpuConvolutionWeights.Run(cpu, x.Pointer, g.Pointer, dw.Pointer, shape);
        else if (!InTiles<T, TKernels>(device, g, x, dw, ConvolutionTiles.WeightGradient(shape), shape))
            TKernels.WeightGradient(device, x, g, dw, shape);
    }

    /// <summary>Runs the tiled kernel where that is the faster way; else says no.</summary>
    private static bool InTiles<T, TKernels>(
        Device device,
        ArrayView<T> left,
        ArrayView<T> images,
        ArrayView<T> result,
        ConvolutionTiles tiles,
        in ConvolutionShape shape)
        where T : unmanaged
        where TKernels : struct, IProductKernels<T>
    {
        if (!ProductTiles.IsCountable(shape)
            || ProductTiles.Choose(device, tiles.Rows, tiles.Columns) is not { } tile)
        {
            return false;
        }

        tiles.Tile = tile;
        var config = ProductTiles.Config(tile, tiles.Rows, tiles.Columns, shape.Groups);
        TKernels.ConvolveTiles(device, config, left, images, result, tiles);
        return true;
    }
}
