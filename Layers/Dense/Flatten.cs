using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>Joins neighbouring axes into one: [batch, a, b, c] becomes [batch, a·b·c].</summary>
/// <param name="startAxis">The first axis to join; negative counts from the end.</param>
/// <param name="endAxis">The last axis to join.</param>
public sealed class Flatten(int startAxis = 1, int endAxis = -1) : Module
{
    /// <summary>The first axis to join.</summary>
    public int StartAxis { get; } = startAxis;

    /// <summary>The last axis to join.</summary>
    public int EndAxis { get; } = endAxis;

    /// <inheritdoc/>
    protected override string ExtraRepresentation => $"startAxis: {StartAxis}, endAxis: {EndAxis}";

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => x.Flatten(StartAxis, EndAxis);
}
