namespace MomentumCore.Reversible;

/// <summary>What <see cref="MemoryMode.Recompute"/> does about drift.</summary>
public enum OnDrift
{
    /// <summary>Backward throws when it drifted too far, so that no wrong gradient is returned.</summary>
    Throw,

    /// <summary>
    /// The first forward goes back once to see how fast drift grows. If it would pass the tolerance, x and v are kept every
    /// k layers, with the largest k that stays below it, and backward starts anew from them. Too much drift still throws,
    /// and the next forward measures again.
    /// </summary>
    Checkpoint,
}
