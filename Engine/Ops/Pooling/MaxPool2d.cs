using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>
    /// The largest element of each window. x [images, channels, height, width] or [channels, height, width],
    /// y the same with (height + 2p − d (kernel − 1) − 1) / s + 1 rows and likewise columns. Padding never wins; of
    /// equals the first wins; a NaN wins over all.
    /// </summary>
    /// <param name="kernel">The size of a window.</param>
    /// <param name="stride">s, from one window to the next; the kernel when left out.</param>
    /// <param name="padding">p, at most half of the kernel.</param>
    /// <param name="dilation">d, from one row or column of a window to the next; 1 when left out.</param>
    /// <exception cref="ShapeException">The input is no image, or smaller than a window.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside of its range.</exception>
    public Tensor MaxPool2d(Size2D kernel, Size2D? stride = null, Size2D padding = default, Size2D? dilation = null) =>
        new MaxPool2dOp(PoolSettings.Windows(nameof(MaxPool2d), Shape, kernel, stride, padding, dilation ?? 1, false))
            .Apply(this);

    /// <summary>
    /// The largest element of each of output.Height × output.Width windows that share out the image: output o covers
    /// inputs ⌊o · in / out⌋ up to ⌈(o + 1) · in / out⌉. x [images, channels, height, width] or [channels, height,
    /// width].
    /// </summary>
    /// <param name="output">How many windows.</param>
    /// <exception cref="ShapeException">The input is no image.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The output has no elements.</exception>
    public Tensor AdaptiveMaxPool2d(Size2D output) =>
        new MaxPool2dOp(PoolSettings.Adaptive(nameof(AdaptiveMaxPool2d), Shape, output)).Apply(this);
}

/// <summary>y = max of each window; dx = g at the place of the maximum. Keeps those places, as Int32.</summary>
internal sealed class MaxPool2dOp(PoolShape shape) : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
    [
        Example("2×2", [2, 3, 4, 6], 2),
        Example("overlapping", [1, 2, 5, 6], 3, 1),
        Example("padded", [1, 2, 5, 5], 3, 2, 1),
        Example("dilated", [1, 1, 6, 7], 2, 1, 1, 2),
        Example("rest left out", [3, 5, 7], (2, 3)),
        Example("one element", [1, 1, 1, 1], 1),
        Example("no images", [0, 2, 4, 4], 2),
        Adaptive("adaptive", [1, 2, 5, 7], (3, 4)),
        Adaptive("adaptive, more than there are", [2, 3, 2], (4, 5)),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        var x = inputs[0].Contiguous();
        var y = x.EmptyLike([.. x.Shape[..^2], shape.OutputHeight, shape.OutputWidth]);
        var map = Tensor.Empty(y.Shape, DType.Int32, y.Device);
        switch (x.DType)
        {
            case DType.Float32:
                PoolPlanes.Max(x.Device, x.View<float>(), y.View<float>(), map.View<int>(), shape);
                break;
            case DType.Float64:
                PoolPlanes.Max(x.Device, x.View<double>(), y.View<double>(), map.View<int>(), shape);
                break;
            default: throw Map.Unsupported(Name, x.DType);
        }

        Keep(map);
        return y;
    }

    protected override Tensor?[] Backward(Tensor g) => [new PoolScatterOp(shape).Apply(g, Kept(0))];

    private static OpExample Example(
        string label, Shape input, Size2D kernel, Size2D? stride = null, int padding = 0, int dilation = 1) =>
        new(label, t => t[0].MaxPool2d(kernel, stride, padding, dilation), OpInput.Distinct(input))
        {
            Options = new Dictionary<string, object>
            {
                ["shape"] = PoolSettings.Windows("MaxPool2d", input, kernel, stride, padding, dilation, false),
            },
        };

    private static OpExample Adaptive(string label, Shape input, Size2D output) =>
        new(label, t => t[0].AdaptiveMaxPool2d(output), OpInput.Distinct(input))
        {
            Options = new Dictionary<string, object>
            {
                ["shape"] = PoolSettings.Adaptive("AdaptiveMaxPool2d", input, output),
            },
        };
}
