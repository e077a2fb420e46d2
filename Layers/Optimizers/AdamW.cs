using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>Adam with the weight decay apart from the gradient: the parameter itself shrinks.</summary>
/// <remarks>
/// p ← p − η λ p first, then Adam's step with d = g.
/// As <c>torch.optim.AdamW</c>; Loshchilov and Hutter 2019.
/// A group's <see cref="ParameterGroup.Momentum"/> is its β₁.
/// </remarks>
public sealed class AdamW : AdamBase
{
    /// <summary>Updates <paramref name="parameters"/> as one group.</summary>
    /// <param name="parameters">The leaves to update.</param>
    /// <param name="learningRate">η.</param>
    /// <param name="beta1">β₁ in [0, 1).</param>
    /// <param name="beta2">β₂ in [0, 1).</param>
    /// <param name="eps">ε.</param>
    /// <param name="weightDecay">λ.</param>
    /// <param name="amsGrad">Divide by the largest mean square so far.</param>
    /// <exception cref="ArgumentException">A setting is out of range, or the parameters do not fit.</exception>
    public AdamW(
        IEnumerable<Tensor> parameters, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999,
        double eps = 1e-8, double weightDecay = 0.01, bool amsGrad = false)
        : this([new ParameterGroup(parameters)], learningRate, beta1, beta2, eps, weightDecay, amsGrad)
    {
    }

    /// <summary>As the other constructor, over groups with settings of their own.</summary>
    public AdamW(
        IEnumerable<ParameterGroup> groups, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999,
        double eps = 1e-8, double weightDecay = 0.01, bool amsGrad = false)
        : base(groups, learningRate, beta1, beta2, eps, weightDecay, amsGrad, decoupled: true)
    {
    }
}
