using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>
/// The kernels of products and convolutions in one precision, so that what chooses among them exists once.
/// </summary>
/// <typeparam name="T">Float or double.</typeparam>
internal interface IProductKernels<T>
    where T : unmanaged
{
    /// <summary>y = a·b for each product of a stack, in tiles.</summary>
    static abstract void MultiplyTiles(
        Device device,
        KernelConfig config,
        ArrayView<T> a,
        ArrayView<T> b,
        ArrayView<T> y,
        ArrayView<T> bias,
        ProductShape s);

    /// <summary>y = a·b, one work item for each element.</summary>
    static abstract void Multiply(
        Device device, ArrayView<T> a, MatrixLayout left, ArrayView<T> b, MatrixLayout right, ArrayView<T> y);

    /// <summary>y[r, c] += bias[c].</summary>
    static abstract void AddColumnBias(Device device, int count, ArrayView<T> bias, ArrayView<T> y, int columns);

    /// <summary>A convolution or one of its derivatives, in tiles.</summary>
    static abstract void ConvolveTiles(
        Device device, KernelConfig config, ArrayView<T> left, ArrayView<T> images, ArrayView<T> y, ConvolutionTiles s);

    /// <summary>y = x ∗ w, one work item for each element.</summary>
    static abstract void Forward(
        Device device, ArrayView<T> x, ArrayView<T> w, ArrayView<T> y, in ConvolutionShape s);

    /// <summary>dx from g = dL/dy, one work item for each element.</summary>
    static abstract void InputGradient(
        Device device, ArrayView<T> g, ArrayView<T> w, ArrayView<T> dx, in ConvolutionShape s);

    /// <summary>dw from g = dL/dy, one work item for each element.</summary>
    static abstract void WeightGradient(
        Device device, ArrayView<T> x, ArrayView<T> g, ArrayView<T> dw, in ConvolutionShape s);

    /// <summary>y[n, c, …] += bias[c].</summary>
    static abstract void AddChannelBias(
        Device device, int count, ArrayView<T> bias, ArrayView<T> y, int channels, int plane);
}
