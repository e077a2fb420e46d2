namespace MomentumCore.Engine;

/// <summary>What a kernel has passed; see <see cref="Kernel"/>.</summary>
/// <param name="Devices">The names of the devices that ran it.</param>
/// <param name="Cases">How many shapes, element types and memory layouts it ran with.</param>
/// <param name="LargestDifference">
/// The largest difference between the CPU and another device, as a part of the larger value or of 1; 0 for the same
/// bits.
/// </param>
/// <param name="ElementsMoved">
/// Up to how many elements of all inputs together every one was moved by itself for central differences; 0 for none.
/// </param>
/// <param name="ElementsInDirections">
/// Up to how many elements differences were taken along directions: all elements at once, the first, the last, some
/// others; 0 for none.
/// </param>
/// <param name="Notes">What could not be checked, and why.</param>
public sealed record KernelReport(
    IReadOnlyList<string> Devices,
    int Cases,
    double LargestDifference,
    int ElementsMoved,
    int ElementsInDirections,
    IReadOnlyList<string> Notes)
{
    /// <summary>Whether its derivative was held against central differences.</summary>
    public bool ChecksGradient => ElementsMoved > 0 || ElementsInDirections > 0;

    /// <summary>The report in a few lines.</summary>
    public override string ToString()
    {
        string agreement = LargestDifference == 0
            ? "the same bits"
            : FormattableString.Invariant($"differences up to {LargestDifference:G2}");
        string first = $"{Cases} cases on {string.Join(", ", Devices)}: {agreement}; every run twice; " +
            "no access outside of its memory";
        string[] lines =
        [
            ChecksGradient ? $"{first}; the derivative agrees with central differences, {Differences}." : first + ".",
            .. Notes,
        ];
        return string.Join(Environment.NewLine, lines);
    }

    private string Differences
    {
        get
        {
            string moved = ElementsMoved > 0 ? $"each element of up to {ElementsMoved}" : "";
            string along = ElementsInDirections > 0 ? $"along directions of up to {ElementsInDirections} elements" : "";
            return moved.Length > 0 && along.Length > 0 ? $"{moved}, and {along}" : moved + along;
        }
    }
}
