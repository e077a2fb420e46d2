using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>The squared error (x − t)², element by element. Both have one shape, Float32 or Float64.</summary>
    /// <param name="target">What the prediction should be.</param>
    /// <param name="reduction">Mean and Sum give a tensor without axes, None one of the prediction's shape.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="DTypeException">The types differ, or are not Float32 or Float64.</exception>
    public Tensor MseLoss(Tensor target, LossReduction reduction = LossReduction.Mean) =>
        new MseLossOp(reduction).Apply(this, target);
}

/// <summary>(x − t)²; dx = 2 g (x − t), dt = −dx. Keeps x and t.</summary>
internal sealed class MseLossOp(LossReduction reduction) : ElementwiseLossOp(reduction), IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
        ExamplesOf((t, reduction) => t[0].MseLoss(t[1], reduction), shape => OpInput.Uniform(shape));

    protected override Tensor Values(Tensor[] inputs) =>
        Map.Binary(Name, inputs[0], inputs[1], Losses.SquaredError, Losses.SquaredError);

    protected override Tensor?[] Slopes(Tensor g)
    {
        var (x, target) = (Kept(0), Kept(1));
        var dx = IsCreatingGraph
            ? 2.0 * g * (x - target)
            : Fused(x, target, g, Losses.SquaredErrorBackward, Losses.SquaredErrorBackward);
        return [dx, Needs(1) ? -dx : null];
    }
}
