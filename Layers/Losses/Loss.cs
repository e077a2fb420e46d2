using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>A measure of how far a prediction is from its target: <c>loss.Call(prediction, target)</c>.</summary>
/// <param name="reduction">Whether the elements' losses are averaged, added, or left as they are.</param>
public abstract class Loss(LossReduction reduction) : Module
{
    /// <summary>Whether the elements' losses are averaged, added, or left as they are.</summary>
    public LossReduction Reduction { get; } = reduction;

    /// <inheritdoc/>
    protected override string ExtraRepresentation => $"reduction: {Reduction}";

    /// <inheritdoc/>
    protected sealed override Tensor Forward(Tensor x, Tensor[] others) =>
        others.Length == 1
            ? Forward(x, others[0])
            : throw new ArgumentException(
                $"{Name}: takes a prediction and a target; got {1 + others.Length} tensors.", nameof(others));

    /// <summary>The loss of a prediction.</summary>
    protected abstract Tensor Forward(Tensor prediction, Tensor target);
}
