using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Dialect;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>
    /// The absolute error with its kink rounded off, element by element: (x − t)² / (2 β) where |x − t| &lt; β, else
    /// |x − t| − β / 2. Both have one shape, Float32 or Float64.
    /// </summary>
    /// <param name="target">What the prediction should be.</param>
    /// <param name="beta">β, 0 or more: where the square ends. 0 gives <see cref="L1Loss"/>.</param>
    /// <param name="reduction">Mean and Sum give a tensor without axes, None one of the prediction's shape.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="DTypeException">The types differ, or are not Float32 or Float64.</exception>
    public Tensor SmoothL1Loss(Tensor target, double beta = 1, LossReduction reduction = LossReduction.Mean)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(beta);
        return new SmoothL1LossOp(beta, reduction).Apply(this, target);
    }
}

/// <summary>
/// The smoothed absolute error; dx = g (x − t) / β inside, g sign(x − t) outside; dt = −dx. Keeps x and t.
/// </summary>
internal sealed class SmoothL1LossOp(double beta, LossReduction reduction) : ElementwiseLossOp(reduction), IOpExamples
{
    // Errors of up to 1.1, and a kink of the second derivative at β, which a random error does not hit.
    public static IEnumerable<OpExample> Examples =>
    [
        .. ExamplesOf((t, r) => t[0].SmoothL1Loss(t[1], 1, r), shape => OpInput.Uniform(shape), ("beta", 1.0)),
        .. ExamplesOf((t, r) => t[0].SmoothL1Loss(t[1], 0.3, r), shape => OpInput.Uniform(shape), ("beta", 0.3)),
        .. ExamplesOf((t, r) => t[0].SmoothL1Loss(t[1], 0, r), shape => OpInput.Uniform(shape, 2.1, 3), ("beta", 0.0)),
    ];

    protected override Tensor Values(Tensor[] inputs) => Map.Binary(
        Name,
        inputs[0],
        inputs[1],
        (Device device, in StridedLayout layout, ArrayView<float> x, ArrayView<float> t, ArrayView<float> y) =>
            Losses.SmoothAbsoluteError(device, layout, x, t, y, (float)beta),
        (Device device, in StridedLayout layout, ArrayView<double> x, ArrayView<double> t, ArrayView<double> y) =>
            Losses.SmoothAbsoluteError(device, layout, x, t, y, beta));

    protected override Tensor?[] Slopes(Tensor g)
    {
        var (x, target) = (Kept(0), Kept(1));
        var dx = IsCreatingGraph ? Composed(x - target, g) : Fused(
            x,
            target,
            g,
            (Device device, in StridedLayout layout, ArrayView<float> x, ArrayView<float> t, ArrayView<float> g,
                ArrayView<float> dx) =>
                Losses.SmoothAbsoluteErrorBackward(device, layout, x, t, g, dx, (float)beta),
            (Device device, in StridedLayout layout, ArrayView<double> x, ArrayView<double> t, ArrayView<double> g,
                ArrayView<double> dx) =>
                Losses.SmoothAbsoluteErrorBackward(device, layout, x, t, g, dx, beta));
        return [dx, Needs(1) ? -dx : null];
    }

    private Tensor Composed(Tensor difference, Tensor g) =>
        g * (beta == 0 ? difference.Detach().Sign() : (difference * (1 / beta)).Clamp(-1, 1));
}
