using MomentumCore.Engine;

namespace MomentumCore.Reversible;

/// <summary>
/// One recorded momentum step, (x, v, f) → (x', v'): v' = γ v + (1 − γ) f (non-residual: f − x), x' = x + v'. Keeps
/// nothing: its derivative needs γ alone.
/// </summary>
internal class MomentumStep(MomentumRule rule) : Function
{
    protected override Tensor[] Compute(Tensor[] inputs)
    {
        var (x, v) = rule.Step(inputs[0], inputs[1], inputs[2], overwriteX: false, overwriteV: false);
        return [x, v];
    }

    protected override Tensor?[] Differentiate(Tensor?[] outputGradients)
    {
        // Zeros that take one element of memory: nothing flowed into this output.
        var gx = outputGradients[0] ?? Zero(outputGradients[1]!);
        var gv = outputGradients[1] ?? Zero(gx);
        if (IsCreatingGraph)
        {
            // The same adjoint out of recorded operations, to be differentiated again.
            var sum = gx + gv;
            var scaled = sum * rule.Rate;
            return [rule.IsResidual ? gx : gx + (scaled * -1), sum * rule.Gamma, scaled];
        }

        var (gf, previousV, previousX) = rule.StepAdjoint(gx, gv);
        return [previousX, previousV, gf];
    }

    private static Tensor Zero(Tensor like) => Tensor.Zeros([], like.DType, like.Device).Expand(like.Shape);
}
