using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

/// <summary>
/// dw[o, c, u, v] = Σ x[n, c, i·s − p + u·d, j·s − p + v·d] · g[n, o, i, j]: the adjoint, in w, of the convolution of
/// this shape. From h = dL/d(dw): dx = the adjoint in x at (g, h), dg = x ∗ h. Keeps x and g.
/// </summary>
internal sealed class Conv2dWeightGradientOp(ConvolutionShape shape) : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples => ConvolutionExamples.WeightGradient;

    protected override Tensor Forward(Tensor[] inputs)
    {
        Keep(inputs[0], inputs[1]);
        return Convolutions.Run(
            Name,
            shape,
            inputs[0],
            inputs[1],
            null,
            Convolutions.Weight(shape),
            ConvolutionProduct.WeightGradient,
            ConvolutionProduct.WeightGradient);
    }

    protected override Tensor?[] Backward(Tensor h) =>
    [
        Needs(0) ? new ConvTranspose2dOp(shape).Apply(Kept(1), h) : null,
        Needs(1) ? new Conv2dOp(shape).Apply(Kept(0), h) : null,
    ];
}
