using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;
using OptimizerKernels = MomentumCore.Kernels.Library.Optimizers;

namespace MomentumCore.Layers;

/// <summary>Divides each gradient by the root of its running mean square.</summary>
/// <remarks>
/// d = g + λ p;  s ← α s + (1 − α) d²;  r = √s + ε, or √(s − a²) + ε with a ← α a + (1 − α) d when centered;
/// p ← p − η d / r, or with momentum b ← μ b + d / r and p ← p − η b. As <c>torch.optim.RMSprop</c>;
/// Hinton, lecture 6e, 2012; Graves 2013 for the centered form.
/// </remarks>
public sealed class RmsProp : Optimizer
{
    private const int Square = 0;
    private const int Average = 1;
    private const int Velocity = 2;
    private readonly double _alpha;
    private readonly double _eps;
    private readonly bool _centered;

    /// <summary>Updates <paramref name="parameters"/> as one group.</summary>
    /// <param name="parameters">The leaves to update.</param>
    /// <param name="learningRate">η.</param>
    /// <param name="alpha">α in [0, 1].</param>
    /// <param name="eps">ε.</param>
    /// <param name="weightDecay">λ.</param>
    /// <param name="momentum">μ.</param>
    /// <param name="centered">Divide by the standard deviation rather than the root mean square.</param>
    /// <exception cref="ArgumentException">A setting is out of range, or the parameters do not fit.</exception>
    public RmsProp(
        IEnumerable<Tensor> parameters, double learningRate = 1e-2, double alpha = 0.99, double eps = 1e-8,
        double weightDecay = 0, double momentum = 0, bool centered = false)
        : this([new ParameterGroup(parameters)], learningRate, alpha, eps, weightDecay, momentum, centered)
    {
    }

    /// <summary>As the other constructor, over groups with settings of their own.</summary>
    public RmsProp(
        IEnumerable<ParameterGroup> groups, double learningRate = 1e-2, double alpha = 0.99, double eps = 1e-8,
        double weightDecay = 0, double momentum = 0, bool centered = false)
        : base(groups, learningRate, weightDecay, momentum, "square_avg", "grad_avg", "momentum_buffer")
    {
        if (!(alpha is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "α must lie in [0, 1].");
        if (!(eps >= 0 && double.IsFinite(eps)))
            throw new ArgumentOutOfRangeException(nameof(eps), eps, "ε must be a number of at least 0.");
        _alpha = alpha;
        _eps = eps;
        _centered = centered;
    }

    /// <inheritdoc/>
    protected override void Update(Tensor parameter, Tensor gradient, ParameterState state, ParameterGroup group)
    {
        var square = state.Buffer(Square);
        switch (_centered, group.Momentum > 0)
        {
            case (false, false): Plain(parameter, gradient, square, group); break;
            case (false, true): WithMomentum(parameter, gradient, square, state.Buffer(Velocity), group); break;
            case (true, false): Centered(parameter, gradient, square, state.Buffer(Average), group); break;
            default: Both(parameter, gradient, square, state.Buffer(Average), state.Buffer(Velocity), group); break;
        }
    }

    private void Plain(Tensor p, Tensor g, Tensor s, ParameterGroup group)
    {
        var layout = StridedLayout.Create(p.Shape.AsSpan(), p.StrideArray, g.StrideArray, s.StrideArray);
        double rate = group.LearningRate, decay = group.WeightDecay;
        if (p.DType == DType.Float32)
        {
            OptimizerKernels.RmsProp(
                p.Device, layout, p.View<float>(), g.View<float>(), s.View<float>(),
                (float)rate, (float)decay, (float)_alpha, (float)(1 - _alpha), (float)_eps);
        }
        else
        {
            OptimizerKernels.RmsProp(
                p.Device, layout, p.View<double>(), g.View<double>(), s.View<double>(),
                rate, decay, _alpha, 1 - _alpha, _eps);
        }
    }

    private void WithMomentum(Tensor p, Tensor g, Tensor s, Tensor b, ParameterGroup group)
    {
        var layout = StridedLayout.Create(p.Shape.AsSpan(), p.StrideArray, g.StrideArray, s.StrideArray, b.StrideArray);
        double rate = group.LearningRate, decay = group.WeightDecay, keep = group.Momentum;
        if (p.DType == DType.Float32)
        {
            OptimizerKernels.RmsPropMomentum(
                p.Device, layout, p.View<float>(), g.View<float>(), s.View<float>(), b.View<float>(),
                (float)rate, (float)decay, (float)_alpha, (float)(1 - _alpha), (float)_eps, (float)keep);
        }
        else
        {
            OptimizerKernels.RmsPropMomentum(
                p.Device, layout, p.View<double>(), g.View<double>(), s.View<double>(), b.View<double>(),
                rate, decay, _alpha, 1 - _alpha, _eps, keep);
        }
    }

    private void Centered(Tensor p, Tensor g, Tensor s, Tensor a, ParameterGroup group)
    {
        var layout = StridedLayout.Create(p.Shape.AsSpan(), p.StrideArray, g.StrideArray, s.StrideArray, a.StrideArray);
        double rate = group.LearningRate, decay = group.WeightDecay;
        if (p.DType == DType.Float32)
        {
            OptimizerKernels.RmsPropCentered(
                p.Device, layout, p.View<float>(), g.View<float>(), s.View<float>(), a.View<float>(),
                (float)rate, (float)decay, (float)_alpha, (float)(1 - _alpha), (float)_eps);
        }
        else
        {
            OptimizerKernels.RmsPropCentered(
                p.Device, layout, p.View<double>(), g.View<double>(), s.View<double>(), a.View<double>(),
                rate, decay, _alpha, 1 - _alpha, _eps);
        }
    }

    private void Both(Tensor p, Tensor g, Tensor s, Tensor a, Tensor b, ParameterGroup group)
    {
        var layout = StridedLayout.Create(
            p.Shape.AsSpan(), p.StrideArray, g.StrideArray, s.StrideArray, a.StrideArray, b.StrideArray);
        double rate = group.LearningRate, decay = group.WeightDecay, keep = group.Momentum;
        if (p.DType == DType.Float32)
        {
            OptimizerKernels.RmsPropCenteredMomentum(
                p.Device, layout, p.View<float>(), g.View<float>(), s.View<float>(), a.View<float>(), b.View<float>(),
                (float)rate, (float)decay, (float)_alpha, (float)(1 - _alpha), (float)_eps, (float)keep);
        }
        else
        {
            OptimizerKernels.RmsPropCenteredMomentum(
                p.Device, layout, p.View<double>(), g.View<double>(), s.View<double>(), a.View<double>(),
                b.View<double>(), rate, decay, _alpha, 1 - _alpha, _eps, keep);
        }
    }
}
