namespace MomentumCore.Reversible;

/// <summary>Running the layers backwards did not come back to the input; gradients would have been wrong.</summary>
/// <param name="message">What happened and what to do.</param>
/// <param name="depth">The number of layers that were run backwards.</param>
/// <param name="drift">How far from the input it came back, as a share of the largest activation of the worst row; may be NaN.</param>
/// <param name="tolerance">The drift that was allowed.</param>
/// <param name="layer">The layer on the way back at which it showed, if that is known.</param>
public sealed class ReversalException(
    string message, int depth, double drift, double tolerance, int? layer = null)
    : InvalidOperationException(message)
{
    /// <summary>The number of layers that were run backwards.</summary>
    public int Depth { get; } = depth;

    /// <summary>How far from the input it came back, as a share of the largest activation of the worst row; may be NaN.</summary>
    public double Drift { get; } = drift;

    /// <summary>The drift that was allowed.</summary>
    public double Tolerance { get; } = tolerance;

    /// <summary>The layer on the way back at which it showed, if that is known.</summary>
    public int? Layer { get; } = layer;
}
