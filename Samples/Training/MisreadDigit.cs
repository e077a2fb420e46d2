namespace MomentumCore.Samples;

/// <summary>A test digit that the network took for another.</summary>
/// <param name="Pixels">28 × 28, row by row, 0 paper to 255 ink.</param>
/// <param name="Label">What it is.</param>
/// <param name="Reading">What it was taken for.</param>
/// <param name="Probability">How sure the network was, from 0 to 1.</param>
internal sealed record MisreadDigit(byte[] Pixels, int Label, int Reading, double Probability)
{
    /// <summary>Pixels of a row, and rows.</summary>
    public const int Side = 28;
}
