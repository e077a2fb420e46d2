namespace MomentumCore.Engine;

/// <summary>An operation that has no derivative, and says why.</summary>
/// <param name="reason">Why there is none, as in "its result is an index".</param>
public abstract class OpWithoutDerivative(string reason) : Op
{
    /// <summary>Why there is no derivative.</summary>
    public string Reason { get; } = reason;

    /// <inheritdoc/>
    protected sealed override bool IsDifferentiable => false;

    /// <inheritdoc/>
    protected sealed override Tensor?[] Backward(Tensor outputGradient) =>
        throw new GradientException($"{Name} has no derivative: {Reason}.");
}
