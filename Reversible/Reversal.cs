using System.Globalization;
using MomentumCore.Engine;

namespace MomentumCore.Reversible;

/// <summary>What one way back in floats has measured about itself.</summary>
/// <param name="Drift">How far it ended from where forward began: the largest of all rows, as a share of the row.</param>
/// <param name="Row">The row that moved so far.</param>
/// <param name="Shape">The shape of the state.</param>
/// <param name="DType">The element type of the state.</param>
/// <param name="Bounds">How far each layer's input was off at most, if that was asked for.</param>
/// <param name="Outputs">How far each layer's output was from that of forward, as a share; null if not watched.</param>
internal sealed record Reversal(
    double Drift, int Row, Shape Shape, DType DType, IReadOnlyList<double>? Bounds, IReadOnlyList<double>? Outputs)
{
    /// <summary>The first layer on the way back whose input is not surely near enough, or −1.</summary>
    public int LayerOverBound(double tolerance) => LastAbove(Bounds ?? [], tolerance);

    /// <summary>
    /// The first layer on the way back whose output was another one than in forward, beyond the tolerance, or −1.
    /// </summary>
    public int LayerOfOtherOutput(double tolerance) => LastAbove(Outputs ?? [], OutputWatch.Tolerances * tolerance);

    /// <summary>The row in words.</summary>
    public string NameOfRow()
    {
        if (Shape.Rank <= 1)
            return "the input";
        if (Shape.Rank is 2 or > 3)
            return string.Create(CultureInfo.InvariantCulture, $"sample {Row}");
        return string.Create(CultureInfo.InvariantCulture, $"row [{Row / Shape[1]}, {Row % Shape[1]}]");
    }

    // Written so that NaN is found too.
    private static int LastAbove(IReadOnlyList<double> values, double limit)
    {
        int layer = values.Count - 1;
        while (layer >= 0 && values[layer] <= limit)
            layer--;
        return layer;
    }
}
