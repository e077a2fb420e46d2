using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;
using OptimizerKernels = MomentumCore.Kernels.Library.Optimizers;

namespace MomentumCore.Layers;

/// <summary>What Adam and AdamW share: all but where the weight decay goes in.</summary>
public abstract class AdamBase : Optimizer
{
    private const int Mean = 0;
    private const int Square = 1;
    private const int Largest = 2;
    private readonly double _beta2;
    private readonly double _eps;
    private readonly bool _amsGrad;
    private readonly bool _decoupled;

    private protected AdamBase(
        IEnumerable<ParameterGroup> groups, double learningRate, double beta1, double beta2, double eps,
        double weightDecay, bool amsGrad, bool decoupled)
        : base(groups, learningRate, weightDecay, beta1, "exp_avg", "exp_avg_sq", "max_exp_avg_sq")
    {
        if (!(beta2 >= 0 && beta2 < 1))
            throw new ArgumentOutOfRangeException(nameof(beta2), beta2, "β₂ must lie in [0, 1).");
        if (!(eps >= 0 && double.IsFinite(eps)))
            throw new ArgumentOutOfRangeException(nameof(eps), eps, "ε must be a number of at least 0.");
        _beta2 = beta2;
        _eps = eps;
        _amsGrad = amsGrad;
        _decoupled = decoupled;
    }

    /// <inheritdoc/>
    protected sealed override void CheckGroup(ParameterGroup group)
    {
        if (group.Momentum >= 1)
        {
            throw new ArgumentOutOfRangeException(
                nameof(group), group.Momentum, $"{GetType().Name}: β₁ (Momentum) must lie in [0, 1).");
        }
    }

    /// <inheritdoc/>
    protected sealed override void Update(Tensor parameter, Tensor gradient, ParameterState state, ParameterGroup group)
    {
        double beta1 = group.Momentum;
        var f = new Factors(
            Shrink: _decoupled ? 1 - (group.LearningRate * group.WeightDecay) : 1,
            Decay: _decoupled ? 0 : group.WeightDecay,
            Beta1: beta1,
            Beta2: _beta2,
            Step: group.LearningRate / (1 - Math.Pow(beta1, state.Steps)),
            Root: Math.Sqrt(1 - Math.Pow(_beta2, state.Steps)),
            Eps: _eps);
        if (_amsGrad)
            WithLargest(parameter, gradient, state.Buffer(Mean), state.Buffer(Square), state.Buffer(Largest), f);
        else
            Plain(parameter, gradient, state.Buffer(Mean), state.Buffer(Square), f);
    }

    private static void Plain(Tensor p, Tensor g, Tensor m, Tensor s, in Factors f)
    {
        var layout = StridedLayout.Create(p.Shape.AsSpan(), p.StrideArray, g.StrideArray, m.StrideArray, s.StrideArray);
        if (p.DType == DType.Float32)
        {
            OptimizerKernels.Adam(
                p.Device, layout, p.View<float>(), g.View<float>(), m.View<float>(), s.View<float>(),
                (float)f.Shrink, (float)f.Decay, (float)f.Beta1, (float)(1 - f.Beta1), (float)f.Beta2,
                (float)(1 - f.Beta2), (float)f.Step, (float)f.Root, (float)f.Eps);
        }
        else
        {
            OptimizerKernels.Adam(
                p.Device, layout, p.View<double>(), g.View<double>(), m.View<double>(), s.View<double>(),
                f.Shrink, f.Decay, f.Beta1, 1 - f.Beta1, f.Beta2, 1 - f.Beta2, f.Step, f.Root, f.Eps);
        }
    }

    private static void WithLargest(Tensor p, Tensor g, Tensor m, Tensor s, Tensor top, in Factors f)
    {
        var layout = StridedLayout.Create(
            p.Shape.AsSpan(), p.StrideArray, g.StrideArray, m.StrideArray, s.StrideArray, top.StrideArray);
        if (p.DType == DType.Float32)
        {
            OptimizerKernels.AmsGrad(
                p.Device, layout, p.View<float>(), g.View<float>(), m.View<float>(), s.View<float>(), top.View<float>(),
                (float)f.Shrink, (float)f.Decay, (float)f.Beta1, (float)(1 - f.Beta1), (float)f.Beta2,
                (float)(1 - f.Beta2), (float)f.Step, (float)f.Root, (float)f.Eps);
        }
        else
        {
            OptimizerKernels.AmsGrad(
                p.Device, layout, p.View<double>(), g.View<double>(), m.View<double>(), s.View<double>(),
                top.View<double>(), f.Shrink, f.Decay, f.Beta1, 1 - f.Beta1, f.Beta2, 1 - f.Beta2,
                f.Step, f.Root, f.Eps);
        }
    }

    private readonly record struct Factors(
        double Shrink, double Decay, double Beta1, double Beta2, double Step, double Root, double Eps);
}
