using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Layers;

/// <summary>
/// Layer normalisation over the last axes: y = (x − mean) / √(variance + eps) · weight + bias. x [...,
/// normalizedShape], y the same. Ba, Kiros, Hinton 2016.
/// </summary>
/// <remarks>weight starts at 1, bias at 0.</remarks>
public sealed class LayerNorm : Module
{
    /// <summary>Layer normalisation.</summary>
    /// <param name="normalizedShape">The sizes of the last axes, over which mean and variance go.</param>
    /// <param name="eps">Added to the variance.</param>
    /// <param name="elementwiseAffine">Whether there are a weight and a bias.</param>
    /// <param name="bias">Whether there is a bias beside the weight.</param>
    /// <param name="dtype">The element type of the parameters.</param>
    /// <param name="device">The device of the parameters.</param>
    /// <exception cref="ArgumentException">The shape has no axes, or a setting is out of range.</exception>
    public LayerNorm(
        Shape normalizedShape,
        double eps = 1e-5,
        bool elementwiseAffine = true,
        bool bias = true,
        DType dtype = DType.Float32,
        Device? device = null)
    {
        if (normalizedShape.Rank == 0 || normalizedShape.ElementCount == 0)
        {
            throw new ArgumentException(
                $"{Name}: normalizedShape needs an axis and elements; got {normalizedShape}.", nameof(normalizedShape));
        }

        NormalizedShape = normalizedShape;
        Eps = Settings.Positive(eps, Name, nameof(eps));
        Weight = RegisterParameter("weight", elementwiseAffine ? Tensor.Ones(normalizedShape, dtype, device) : null);
        bias &= elementwiseAffine;
        Bias = RegisterParameter("bias", bias ? Tensor.Zeros(normalizedShape, dtype, device) : null);
    }

    /// <summary>Layer normalisation over the last axis, of this size.</summary>
    /// <exception cref="ArgumentException">The size is below 1.</exception>
    public LayerNorm(int features, double eps = 1e-5)
        : this([features], eps)
    {
    }

    /// <summary>The sizes of the last axes.</summary>
    public Shape NormalizedShape { get; }

    /// <summary>Added to the variance.</summary>
    public double Eps { get; }

    /// <summary>A factor for each element of the last axes, or null.</summary>
    public Parameter? Weight { get; }

    /// <summary>A summand for each element of the last axes, or null.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    public override Module NewLike() => new LayerNorm(
        NormalizedShape, Eps, Weight != null, Bias != null, Weight?.DType ?? DType.Float32, Weight?.Device);

    /// <inheritdoc/>
    protected override string ExtraRepresentation =>
        $"normalizedShape: {NormalizedShape}, eps: {Settings.Text(Eps)}, " +
        $"elementwiseAffine: {Settings.Text(Weight != null)}";

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => x.LayerNorm(NormalizedShape, Weight, Bias, Eps);
}
