using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;
using OptimizerKernels = MomentumCore.Kernels.Library.Optimizers;

namespace MomentumCore.Layers;

/// <summary>Stochastic gradient descent, with momentum if wanted.</summary>
/// <remarks>
/// d = g + λ p. Without momentum p ← p − η d. With momentum b ← μ b + (1 − τ) d (b = d at first) and p ← p − η b, or
/// p ← p − η (d + μ b) in Nesterov's form. As <c>torch.optim.SGD</c>; Sutskever et al. 2013.
/// </remarks>
public sealed class Sgd : Optimizer
{
    private readonly double _dampening;
    private readonly bool _nesterov;

    /// <summary>Updates <paramref name="parameters"/> as one group.</summary>
    /// <param name="parameters">The leaves to update.</param>
    /// <param name="learningRate">η.</param>
    /// <param name="momentum">μ.</param>
    /// <param name="dampening">τ.</param>
    /// <param name="weightDecay">λ.</param>
    /// <param name="nesterov">Nesterov's form; wants momentum and no dampening.</param>
    /// <exception cref="ArgumentException">A setting is out of range, or Nesterov's form lacks momentum.</exception>
    public Sgd(
        IEnumerable<Tensor> parameters, double learningRate, double momentum = 0, double dampening = 0,
        double weightDecay = 0, bool nesterov = false)
        : this([new ParameterGroup(parameters)], learningRate, momentum, dampening, weightDecay, nesterov)
    {
    }

    /// <summary>As the other constructor, over groups with settings of their own.</summary>
    public Sgd(
        IEnumerable<ParameterGroup> groups, double learningRate, double momentum = 0, double dampening = 0,
        double weightDecay = 0, bool nesterov = false)
        : base(groups, learningRate, weightDecay, momentum, "momentum_buffer")
    {
        if (!double.IsFinite(dampening))
            throw new ArgumentOutOfRangeException(nameof(dampening), dampening, "The dampening must be a number.");
        _dampening = dampening;
        _nesterov = nesterov;
        foreach (var group in Groups)
            CheckGroup(group);
    }

    /// <inheritdoc/>
    protected override void CheckGroup(ParameterGroup group)
    {
        if (_nesterov && (group.Momentum <= 0 || _dampening != 0))
            throw new ArgumentException("Sgd: Nesterov's form wants a momentum above 0 and no dampening.");
    }

    /// <inheritdoc/>
    protected override void Update(Tensor parameter, Tensor gradient, ParameterState state, ParameterGroup group)
    {
        double momentum = group.Momentum;
        if (momentum == 0)
        {
            Plain(parameter, gradient, group.LearningRate, group.WeightDecay);
            return;
        }

        // The first step takes the gradient whole: dampening is for what joins later.
        bool first = !state.Has(0);
        Accelerated(parameter, gradient, state.Buffer(0), group, first ? 1 : 1 - _dampening, _nesterov);
    }

    private static void Plain(Tensor p, Tensor g, double rate, double decay)
    {
        var layout = StridedLayout.Create(p.Shape.AsSpan(), p.StrideArray, g.StrideArray);
        if (p.DType == DType.Float32)
            OptimizerKernels.Sgd(p.Device, layout, p.View<float>(), g.View<float>(), (float)rate, (float)decay);
        else
            OptimizerKernels.Sgd(p.Device, layout, p.View<double>(), g.View<double>(), rate, decay);
    }

    private static void Accelerated(Tensor p, Tensor g, Tensor b, ParameterGroup group, double add, bool nesterov)
    {
        var layout = StridedLayout.Create(p.Shape.AsSpan(), p.StrideArray, g.StrideArray, b.StrideArray);
        double rate = group.LearningRate, decay = group.WeightDecay, keep = group.Momentum;
        switch (p.DType, nesterov)
        {
            case (DType.Float32, false):
                OptimizerKernels.SgdMomentum(
                    p.Device, layout, p.View<float>(), g.View<float>(), b.View<float>(),
                    (float)rate, (float)decay, (float)keep, (float)add);
                break;
            case (DType.Float32, true):
                OptimizerKernels.SgdNesterov(
                    p.Device, layout, p.View<float>(), g.View<float>(), b.View<float>(),
                    (float)rate, (float)decay, (float)keep, (float)add, (float)keep);
                break;
            case (_, false):
                OptimizerKernels.SgdMomentum(
                    p.Device, layout, p.View<double>(), g.View<double>(), b.View<double>(), rate, decay, keep, add);
                break;
            default:
                OptimizerKernels.SgdNesterov(
                    p.Device, layout, p.View<double>(), g.View<double>(), b.View<double>(),
                    rate, decay, keep, add, keep);
                break;
        }
    }
}
