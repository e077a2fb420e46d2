namespace MomentumCore.Reversible;

/// <summary>A value left the range in which exact arithmetic is exact, so that forward stopped.</summary>
/// <param name="message">What happened and what to do.</param>
/// <param name="layer">The first layer where it happened; −1 for the input of the network.</param>
/// <param name="largest">The largest magnitude there, to about two digits; may be NaN.</param>
public sealed class GridRangeException(string message, int layer, double largest) : ArithmeticException(message)
{
    /// <summary>The first layer where it happened; −1 for the input of the network.</summary>
    public int Layer { get; } = layer;

    /// <summary>The largest magnitude there, to about two digits; may be NaN.</summary>
    public double Largest { get; } = largest;
}
