using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>The kernels of products and convolutions in float.</summary>
internal readonly struct FloatProducts : IProductKernels<float>
{
    /// <inheritdoc/>
    public static void MultiplyTiles(
        Device device,
        KernelConfig config,
        ArrayView<float> a,
        ArrayView<float> b,
        ArrayView<float> y,
        ArrayView<float> bias,
        ProductShape s) =>
        TiledProducts.Multiply(device, config, a, b, y, bias, s);

    /// <inheritdoc/>
    public static void Multiply(
        Device device,
        ArrayView<float> a,
        MatrixLayout left,
        ArrayView<float> b,
        MatrixLayout right,
        ArrayView<float> y) =>
        MatMul.Multiply(
            device, left.Rows * right.Columns, a, b, y, right.Columns, left.Columns,
            left.RowStep, left.ColumnStep, right.RowStep, right.ColumnStep);

    /// <inheritdoc/>
    public static void AddColumnBias(
        Device device, int count, ArrayView<float> bias, ArrayView<float> y, int columns) =>
        MatMul.AddBias(device, count, bias, y, columns);

    /// <inheritdoc/>
    public static void ConvolveTiles(
        Device device,
        KernelConfig config,
        ArrayView<float> left,
        ArrayView<float> images,
        ArrayView<float> y,
        ConvolutionTiles s) =>
        TiledProducts.Convolve(device, config, left, images, y, s);

    /// <inheritdoc/>
    public static void Forward(
        Device device, ArrayView<float> x, ArrayView<float> w, ArrayView<float> y, in ConvolutionShape s) =>
        Convolution.Forward(device, s.OutputCount, x, w, y, s);

    /// <inheritdoc/>
    public static void InputGradient(
        Device device, ArrayView<float> g, ArrayView<float> w, ArrayView<float> dx, in ConvolutionShape s) =>
        Convolution.InputGradient(device, s.InputCount, g, w, dx, s);

    /// <inheritdoc/>
    public static void WeightGradient(
        Device device, ArrayView<float> x, ArrayView<float> g, ArrayView<float> dw, in ConvolutionShape s) =>
        Convolution.WeightGradient(device, s.WeightCount, x, g, dw, s);

    /// <inheritdoc/>
    public static void AddChannelBias(
        Device device, int count, ArrayView<float> bias, ArrayView<float> y, int channels, int plane) =>
        Convolution.AddBias(device, count, bias, y, channels, plane);
}
