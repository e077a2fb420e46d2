using MomentumCore.Engine;

namespace MomentumCore.Reversible;

/// <summary>Position and velocity on their way back through the layers, in the arithmetic of a memory mode.</summary>
/// <param name="x">x_{T−1}: the position before the last layer.</param>
internal abstract class BackwardState(Tensor x) : IDisposable
{
    /// <summary>x_t, which the way back has come to.</summary>
    public Tensor X { get; protected set; } = x;

    /// <summary>The velocity after the layer that is to be undone next.</summary>
    public abstract Tensor Velocity { get; }

    /// <summary>The velocity before the first layer where it was kept; null elsewhere.</summary>
    public virtual Tensor? FirstVelocity => null;

    /// <summary>Where a layer is to be evaluated.</summary>
    public virtual Tensor Input(int layer) => X;

    /// <summary>It is overwritten next, so nobody else may see it: f may be a view of it.</summary>
    public virtual void OwnPosition(TensorScope scope)
    {
        if (!X.OwnsMemoryAlone)
            X = scope.Keep(X.Clone());
    }

    /// <summary>
    /// In place: the state of the layer before, and the adjoints there; j = Jᵀ dL/df becomes dL/df of the layer before.
    /// </summary>
    public abstract void UndoWithAdjoint(int layer, Tensor f, Tensor gx, Tensor g, Tensor j);

    /// <summary>At the first layer, whose f is given: has the way back come to where forward began?</summary>
    public abstract void Finish(Tensor f);

    /// <summary>Frees what was not handed on.</summary>
    public virtual void Dispose()
    {
    }
}
