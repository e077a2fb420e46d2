using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>
    /// The mean of each window. x [images, channels, height, width] or [channels, height, width], y the same with
    /// (height + 2p − kernel) / s + 1 rows and likewise columns.
    /// </summary>
    /// <param name="kernel">The size of a window.</param>
    /// <param name="stride">s, from one window to the next; the kernel when left out.</param>
    /// <param name="padding">p, at most half of the kernel.</param>
    /// <param name="countIncludePad">Whether places in the padding count as zeros, or not at all.</param>
    /// <exception cref="ShapeException">The input is no image, or smaller than a window.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside of its range.</exception>
    public Tensor AvgPool2d(
        Size2D kernel, Size2D? stride = null, Size2D padding = default, bool countIncludePad = true) =>
        new AvgPool2dOp(PoolSettings.Windows(nameof(AvgPool2d), Shape, kernel, stride, padding, 1, countIncludePad))
            .Apply(this);

    /// <summary>
    /// The mean of each of output.Height × output.Width windows that share out the image: output o covers inputs
    /// ⌊o · in / out⌋ up to ⌈(o + 1) · in / out⌉. x [images, channels, height, width] or [channels, height, width].
    /// </summary>
    /// <param name="output">How many windows.</param>
    /// <exception cref="ShapeException">The input is no image.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The output has no elements.</exception>
    public Tensor AdaptiveAvgPool2d(Size2D output) =>
        new AvgPool2dOp(PoolSettings.Adaptive(nameof(AdaptiveAvgPool2d), Shape, output)).Apply(this);
}

/// <summary>
/// y = mean of each window; dx = the g of the windows that cover it, each divided by its count. Keeps nothing.
/// </summary>
internal sealed class AvgPool2dOp(PoolShape shape) : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
        AvgPoolExamples.Create((t, shape) => new AvgPool2dOp(shape).Apply(t), fromOutput: false);

    protected override Tensor Forward(Tensor[] inputs)
    {
        var x = inputs[0].Contiguous();
        var y = x.EmptyLike([.. x.Shape[..^2], shape.OutputHeight, shape.OutputWidth]);
        switch (x.DType)
        {
            case DType.Float32: Pooling.Average(x.Device, y.Count, x.View<float>(), y.View<float>(), shape); break;
            case DType.Float64: Pooling.Average(x.Device, y.Count, x.View<double>(), y.View<double>(), shape); break;
            default: throw Map.Unsupported(Name, x.DType);
        }

        return y;
    }

    protected override Tensor?[] Backward(Tensor g) => [new AvgPool2dBackwardOp(shape).Apply(g)];
}
