using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Layers;

/// <summary>The affine map y = x·Wᵀ + b. x [..., in], W [out, in], b [out], y [..., out].</summary>
/// <remarks>W and b start uniform in ±1/√in.</remarks>
public sealed class Linear : Module
{
    /// <summary>An affine map from <paramref name="inFeatures"/> to <paramref name="outFeatures"/> numbers.</summary>
    /// <param name="inFeatures">The size of the input's last axis, 1 or more.</param>
    /// <param name="outFeatures">The size of the output's last axis, 1 or more.</param>
    /// <param name="bias">Whether b is there.</param>
    /// <param name="dtype">The element type of the parameters.</param>
    /// <param name="device">The device of the parameters.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    public Linear(int inFeatures, int outFeatures, bool bias = true, DType dtype = DType.Float32, Device? device = null)
    {
        InFeatures = Settings.AtLeast(1, inFeatures, Name, nameof(inFeatures));
        OutFeatures = Settings.AtLeast(1, outFeatures, Name, nameof(outFeatures));
        Weight = RegisterParameter("weight", Tensor.Zeros([outFeatures, inFeatures], dtype, device));
        Bias = RegisterParameter("bias", bias ? Tensor.Zeros([outFeatures], dtype, device) : null);
        ResetParameters();
    }

    /// <summary>The size of the input's last axis.</summary>
    public int InFeatures { get; }

    /// <summary>The size of the output's last axis.</summary>
    public int OutFeatures { get; }

    /// <summary>W [out, in].</summary>
    public Parameter Weight { get; }

    /// <summary>b [out], or null.</summary>
    public Parameter? Bias { get; }

    /// <summary>Draws new initial values.</summary>
    public void ResetParameters() => Initialize.UniformByFanIn(Weight, Bias);

    /// <inheritdoc/>
    public override Module NewLike() =>
        new Linear(InFeatures, OutFeatures, Bias != null, Weight.DType, Weight.Device);

    /// <inheritdoc/>
    protected override string ExtraRepresentation =>
        $"inFeatures: {InFeatures}, outFeatures: {OutFeatures}, bias: {Settings.Text(Bias != null)}";

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => x.Linear(Weight, Bias);
}
