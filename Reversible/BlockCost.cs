namespace MomentumCore.Reversible;

/// <summary>What one momentum network costs in one mode, measured on its own.</summary>
/// <param name="KeptBytes">Tensor bytes that are held between forward and backward, the output included.</param>
/// <param name="PeakBytes">The most tensor bytes held during its forward and backward, beyond those before it.</param>
/// <param name="Milliseconds">Its forward and backward together; the least of three.</param>
public readonly record struct BlockCost(long KeptBytes, long PeakBytes, double Milliseconds)
{
    /// <summary>The most in its forward alone: what lies outside of it is not the same then as in backward.</summary>
    public long ForwardPeakBytes { get; init; } = PeakBytes;

    /// <summary>The most in its backward alone.</summary>
    public long BackwardPeakBytes { get; init; } = PeakBytes;
}
