namespace MomentumCore.Engine;

/// <summary>What a kernel has passed; see <see cref="Kernel"/>.</summary>
/// <param name="Devices">The names of the devices that ran it.</param>
/// <param name="Cases">How many shapes, element types and memory layouts it ran with.</param>
/// <param name="LargestDifference">
/// The largest difference between the CPU and another device, as a part of the larger value or of 1; 0 for the same
/// bits.
/// </param>
/// <param name="ChecksGradient">Whether its derivative was held against central differences.</param>
/// <param name="Notes">What could not be checked, and why.</param>
public sealed record KernelReport(
    IReadOnlyList<string> Devices,
    int Cases,
    double LargestDifference,
    bool ChecksGradient,
    IReadOnlyList<string> Notes)
{
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
            ChecksGradient ? first + "; the derivative agrees with central differences." : first + ".",
            .. Notes,
        ];
        return string.Join(Environment.NewLine, lines);
    }
}
