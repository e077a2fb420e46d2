namespace MomentumCore.Reversible;

/// <summary>What a <see cref="MomentumNet"/> keeps between forward and backward.</summary>
public enum MemoryMode
{
    /// <summary>
    /// Every activation, as ordinary backpropagation does: memory grows with depth. Any γ from 0 to 1.
    /// </summary>
    Store,

    /// <summary>
    /// The last position and velocity; backward inverts the steps and evaluates each f again: memory does not grow with
    /// depth, and f is computed twice. γ above 0; rounding errors grow like γ^(−depth) and are watched.
    /// </summary>
    Recompute,

    /// <summary>
    /// The last position and velocity in whole numbers, and log₂(1/γ) bits per element and layer; backward undoes the
    /// steps bit for bit and evaluates each f again. The gradients are, to the bit, those of <see cref="Store"/> on the
    /// same <see cref="MomentumNet.Grid"/>, at any depth. γ above 0.
    /// </summary>
    Exact,
}
