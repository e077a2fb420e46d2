using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>Adaptive moments: each element steps by its gradient's mean over the root of its mean square.</summary>
/// <remarks>
/// d = g + λ p;  m ← β₁ m + (1 − β₁) d;  s ← β₂ s + (1 − β₂) d²;  after t steps
/// p ← p − η m / (1 − β₁ᵗ) / (√s / √(1 − β₂ᵗ) + ε). With AMSGrad the largest s so far stands below the root.
/// As <c>torch.optim.Adam</c>; Kingma and Ba 2015, Reddi et al. 2018.
/// A group's <see cref="ParameterGroup.Momentum"/> is its β₁.
/// </remarks>
public sealed class Adam : AdamBase
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
    public Adam(
        IEnumerable<Tensor> parameters, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999,
        double eps = 1e-8, double weightDecay = 0, bool amsGrad = false)
        : this([new ParameterGroup(parameters)], learningRate, beta1, beta2, eps, weightDecay, amsGrad)
    {
    }

    /// <summary>As the other constructor, over groups with settings of their own.</summary>
    public Adam(
        IEnumerable<ParameterGroup> groups, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999,
        double eps = 1e-8, double weightDecay = 0, bool amsGrad = false)
        : base(groups, learningRate, beta1, beta2, eps, weightDecay, amsGrad, decoupled: false)
    {
    }
}
