using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>
    /// The transposed 2-D convolution: the map from dL/dy to dL/dx of a <see cref="Conv2d"/> with these settings, used
    /// forwards to enlarge images.
    /// x [images, in, height, width], w [in, out / groups, kernel height, kernel width], b [out],
    /// y [images, out, (height − 1) s − 2p + d (kernel − 1) + 1 + outputPadding, same for the width].
    /// </summary>
    /// <param name="weight">w.</param>
    /// <param name="bias">b, or null for none.</param>
    /// <param name="stride">s, 1 or more; 1 when left out.</param>
    /// <param name="padding">p, 0 or more; 0 when left out.</param>
    /// <param name="outputPadding">Rows and columns added at one side of y, below the stride or the dilation.</param>
    /// <param name="dilation">d, 1 or more; 1 when left out.</param>
    /// <param name="groups">How many groups the channels fall into.</param>
    /// <exception cref="ShapeException">The sizes do not fit.</exception>
    /// <exception cref="DTypeException">The types differ, or do not compute.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside of its range.</exception>
    public Tensor ConvTranspose2d(
        Tensor weight,
        Tensor? bias = null,
        Size2D? stride = null,
        Size2D? padding = null,
        Size2D? outputPadding = null,
        Size2D? dilation = null,
        int groups = 1)
    {
        ArgumentNullException.ThrowIfNull(weight);
        var shape = ConvolutionSettings.Create(nameof(ConvTranspose2d), stride, padding, dilation, groups)
            .ForTransposed(nameof(ConvTranspose2d), Shape, weight.Shape, outputPadding ?? 0);
        Convolutions.RequireBias(nameof(ConvTranspose2d), bias, shape.InputChannels);
        return bias == null
            ? new ConvTranspose2dOp(shape).Apply(this, weight)
            : new ConvTranspose2dOp(shape).Apply(this, weight, bias);
    }
}

/// <summary>
/// y = the adjoint, in x, of the convolution of this shape, + b; dx = g ∗ w, dw as of that convolution with x and g
/// exchanged, db = g summed over images and positions. Keeps x and w.
/// </summary>
internal sealed class ConvTranspose2dOp(ConvolutionShape shape) : Op, IOpExamples
{
    private bool _hasBias;

    public static IEnumerable<OpExample> Examples => ConvolutionExamples.Transposed;

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
            Convolutions.Input(shape),
            ConvolutionProduct.InputGradient,
            ConvolutionProduct.InputGradient);
    }

    protected override Tensor?[] Backward(Tensor g)
    {
        Tensor?[] gradients =
        [
            Needs(0) ? new Conv2dOp(shape).Apply(g, Kept(1)) : null,
            Needs(1) ? new Conv2dWeightGradientOp(shape).Apply(g, Kept(0)) : null,
        ];
        return _hasBias ? [.. gradients, Needs(2) ? g.Sum([0, 2, 3]) : null] : gradients;
    }
}
