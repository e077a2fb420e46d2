using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>The absolute error |x − t|, element by element. Both have one shape, Float32 or Float64.</summary>
    /// <param name="target">What the prediction should be.</param>
    /// <param name="reduction">Mean and Sum give a tensor without axes, None one of the prediction's shape.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="DTypeException">The types differ, or are not Float32 or Float64.</exception>
    public Tensor L1Loss(Tensor target, LossReduction reduction = LossReduction.Mean) =>
        new L1LossOp(reduction).Apply(this, target);
}

/// <summary>|x − t|; dx = g sign(x − t), 0 where they are equal; dt = −dx. Keeps x and t.</summary>
internal sealed class L1LossOp(LossReduction reduction) : ElementwiseLossOp(reduction), IOpExamples
{
    // Targets beyond the predictions: differences must not cross the kink.
    public static IEnumerable<OpExample> Examples =>
        ExamplesOf((t, reduction) => t[0].L1Loss(t[1], reduction), shape => OpInput.Uniform(shape, 2.1, 3));

    protected override Tensor Values(Tensor[] inputs) =>
        Map.Binary(Name, inputs[0], inputs[1], Losses.AbsoluteError, Losses.AbsoluteError);

    protected override Tensor?[] Slopes(Tensor g)
    {
        var (x, target) = (Kept(0), Kept(1));
        var dx = IsCreatingGraph
            ? g * (x - target).Detach().Sign()
            : Fused(x, target, g, Losses.AbsoluteErrorBackward, Losses.AbsoluteErrorBackward);
        return [dx, Needs(1) ? -dx : null];
    }
}
