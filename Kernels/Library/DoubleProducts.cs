using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>The kernels of products and convolutions in double.</summary>
internal readonly struct DoubleProducts : IProductKernels<double>
{
    /// <inheritdoc/>
    public static void MultiplyTiles(
        Device device,
        KernelConfig config,
        ArrayView<double> a,
        ArrayView<double> b,
        ArrayView<double> y,
        ArrayView<double> bias,
        ProductShape s) =>
        TiledProducts.Multiply(device, config, a, b, y, bias, s);

    /// <inheritdoc/>
    public static void Multiply(
        Device device,
        ArrayView<double> a,
        MatrixLayout left,
        ArrayView<double> b,
        MatrixLayout right,
        ArrayView<double> y) =>
        MatMul.Multiply(
            device, left.Rows * right.Columns, a, b, y, right.Columns, left.Columns,
            left.RowStep, left.ColumnStep, right.RowStep, right.ColumnStep);

    /// <inheritdoc/>
    public static void AddColumnBias(
        Device device, int count, ArrayView<double> bias, ArrayView<double> y, int columns) =>
        MatMul.AddBias(device, count, bias, y, columns);

    /// <inheritdoc/>
    public static void ConvolveTiles(
        Device device,
        KernelConfig config,
        ArrayView<double> left,
        ArrayView<double> images,
        ArrayView<double> y,
        ConvolutionTiles s) =>
        TiledProducts.Convolve(device, config, left, images, y, s);

    /// <inheritdoc/>
    public static void Forward(
        Device device, ArrayView<double> x, ArrayView<double> w, ArrayView<double> y, in ConvolutionShape s) =>
        Convolution.Forward(device, s.OutputCount, x, w, y, s);

    /// <inheritdoc/>
    public static void InputGradient(
        Device device, ArrayView<double> g, ArrayView<double> w, ArrayView<double> dx, in ConvolutionShape s) =>
        Convolution.InputGradient(device, s.InputCount, g, w, dx, s);

    /// <inheritdoc/>
    public static void WeightGradient(
        Device device, ArrayView<double> x, ArrayView<double> g, ArrayView<double> dw, in ConvolutionShape s) =>
        Convolution.WeightGradient(device, s.WeightCount, x, g, dw, s);

    /// <inheritdoc/>
    public static void AddChannelBias(
        Device device, int count, ArrayView<double> bias, ArrayView<double> y, int channels, int plane) =>
        Convolution.AddBias(device, count, bias, y, channels, plane);
}
