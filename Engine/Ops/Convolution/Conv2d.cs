using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>
    /// The 2-D convolution (cross-correlation) of images with weights:
    /// y[n, o, i, j] = b[o] + Σ x[n, c, i·s − p + u·d, j·s − p + v·d] · w[o, c, u, v] over the channels c of o's group
    /// and
    /// the kernel's rows u and columns v, with zeros outside of x.
    /// x [images, in, height, width], w [out, in / groups, kernel height, kernel width], b [out],
    /// y [images, out, (height + 2p − d (kernel − 1) − 1) / s + 1, same for the width].
    /// An image of y has the same bits whatever batch it is computed in.
    /// </summary>
    /// <param name="weight">w.</param>
    /// <param name="bias">b, or null for none.</param>
    /// <param name="stride">s, 1 or more; 1 when left out.</param>
    /// <param name="padding">p, 0 or more; 0 when left out.</param>
    /// <param name="dilation">d, 1 or more; 1 when left out.</param>
    /// <param name="groups">How many groups the channels fall into; as many as input channels is a depthwise
    /// convolution.</param>
    /// <exception cref="ShapeException">The sizes do not fit.</exception>
    /// <exception cref="DTypeException">The types differ, or do not compute.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside of its range.</exception>
    public Tensor Conv2d(
        Tensor weight,
        Tensor? bias = null,
        Size2D? stride = null,
        Size2D? padding = null,
        Size2D? dilation = null,
        int groups = 1)
    {
        ArgumentNullException.ThrowIfNull(weight);
        var shape = ConvolutionSettings.Create(nameof(Conv2d), stride, padding, dilation, groups)
            .For(nameof(Conv2d), Shape, weight.Shape);
        Convolutions.RequireBias(nameof(Conv2d), bias, shape.OutputChannels);
        return bias == null ? new Conv2dOp(shape).Apply(this, weight) : new Conv2dOp(shape).Apply(this, weight, bias);
    }
}

/// <summary>
/// y = x ∗ w + b; dx and dw are bilinear maps of the same sizes (<see cref="ConvTranspose2dOp"/>,
/// <see cref="Conv2dWeightGradientOp"/>), db = g summed over images and positions. Keeps x and w.
/// </summary>
internal sealed class Conv2dOp(ConvolutionShape shape) : Op, IOpExamples
{
    private bool _hasBias;

    public static IEnumerable<OpExample> Examples => ConvolutionExamples.Forward;

    protected override Tensor Forward(Tensor[] inputs)
    {
        _hasBias = inputs.Length > 2;
        Keep(inputs[0], inputs[1]);
        return Convolutions.Run(
            Name,
            shape,
            inputs[0],
            inputs[1],
            _hasBias ? inputs[2] : null,
            Convolutions.Output(shape),
            ConvolutionProduct.Forward,
            ConvolutionProduct.Forward);
    }

    protected override Tensor?[] Backward(Tensor g)
    {
        Tensor?[] gradients =
        [
            Needs(0) ? new ConvTranspose2dOp(shape).Apply(g, Kept(1)) : null,
            Needs(1) ? new Conv2dWeightGradientOp(shape).Apply(Kept(0), g) : null,
        ];
        return _hasBias ? [.. gradients, Needs(2) ? g.Sum([0, 2, 3]) : null] : gradients;
    }
}
