using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>y = x − log Σ eˣ along an axis. Any shape.</summary>
/// <param name="axis">The axis along which the sum runs; negative counts from the end.</param>
public sealed class LogSoftmax(int axis = -1) : Module
{
    /// <summary>The axis along which the sum runs.</summary>
    public int Axis { get; } = axis;

    /// <inheritdoc/>
    protected override string ExtraRepresentation => $"axis: {Axis}";

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => x.LogSoftmax(Axis);
}
