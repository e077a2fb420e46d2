using MomentumCore.Engine;

namespace MomentumCore.Reversible;

/// <summary>
/// Position and velocity on their way forward through the layers, in the arithmetic of a memory mode.
/// </summary>
internal abstract class ForwardState : IDisposable
{
    /// <summary>x_t, where f_t is to be evaluated.</summary>
    public abstract Tensor X { get; }

    /// <summary>One layer; what lives on is kept out of the scope.</summary>
    public abstract void Step(int layer, Tensor f, TensorScope scope);

    /// <summary>Frees what was not handed on.</summary>
    public virtual void Dispose()
    {
    }
}
