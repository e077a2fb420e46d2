using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Dialect;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

/// <summary>
/// Calls convolution kernels on tensors: makes gapless operands and the result, chooses the element type.
/// </summary>
internal static class Convolutions
{
    /// <summary>A kernel of two operands and, maybe, a bias for each channel of the result.</summary>
    public delegate void Launch<T>(
        Device device, ArrayView<T> a, ArrayView<T> b, ArrayView<T> bias, ArrayView<T> y, in ConvolutionShape shape)
        where T : unmanaged;

    /// <summary>
    /// The result, of shape <paramref name="result"/>, of one of the three bilinear maps of a convolution.
    /// </summary>
    public static Tensor Run(
        string name,
        in ConvolutionShape shape,
        Tensor a,
        Tensor b,
        Tensor? bias,
        Shape result,
        Launch<float> f32,
        Launch<double> f64)
    {
        Map.RequireSame(name, a, b);
        if (bias != null)
            Map.RequireSame(name, a, bias);
        var (left, right, added) = (a.Contiguous(), b.Contiguous(), bias?.Contiguous());
        var y = a.EmptyLike(result);
        if (y.Count == 0)
            return y;
        switch (a.DType)
        {
            case DType.Float32:
                f32(
                    a.Device,
                    left.View<float>(), right.View<float>(), added?.View<float>() ?? default, y.View<float>(),
                    shape);
                break;
            case DType.Float64:
                f64(
                    a.Device,
                    left.View<double>(), right.View<double>(), added?.View<double>() ?? default, y.View<double>(),
                    shape);
                break;
            default: throw Map.Unsupported(name, a.DType);
        }

        GC.KeepAlive(left);
        GC.KeepAlive(right);
        GC.KeepAlive(added);
        return y;
    }

    /// <summary>The shape of x: [images, channels, height, width].</summary>
    public static Shape Input(in ConvolutionShape s) => [s.Images, s.InputChannels, s.InputHeight, s.InputWidth];

    /// <summary>The shape of y: [images, channels, height, width].</summary>
    public static Shape Output(in ConvolutionShape s) => [s.Images, s.OutputChannels, s.OutputHeight, s.OutputWidth];

    /// <summary>The shape of w: [out, in / groups, height, width].</summary>
    public static Shape Weight(in ConvolutionShape s) =>
        [s.OutputChannels, s.InputChannels / s.Groups, s.KernelHeight, s.KernelWidth];

    /// <summary>Throws unless there is one number for each output channel.</summary>
    public static void RequireBias(string name, Tensor? bias, int channels)
    {
        if (bias != null && (bias.Rank != 1 || bias.Count != channels))
            throw new ShapeException(
                $"{name}: bias {bias.Shape} does not fit {channels} output channels; it must be [{channels}].");
    }
}
