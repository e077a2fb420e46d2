namespace MomentumCore.Samples;

/// <summary>Finds round numbers to put along an axis.</summary>
internal static class NiceTicks
{
    private static readonly double[] RoundSteps = [1, 2, 2.5, 5, 10];

    /// <summary>About <paramref name="wanted"/> multiples of 1, 2, 2.5 or 5 × 10ⁿ that enclose both ends.</summary>
    public static double[] Linear(double low, double high, int wanted, bool whole = false)
    {
        double rough = (high - low) / Math.Max(1, wanted);
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double step = RoundSteps.Select(s => s * power).First(s => s >= rough * 0.999);
        if (whole)
            step = Math.Max(1, Math.Ceiling(step));
        int first = (int)Math.Floor((low / step) + 1e-9);
        int last = (int)Math.Ceiling((high / step) - 1e-9);
        return [.. Enumerable.Range(first, last - first + 1).Select(i => Math.Round(i * step, 12))];
    }

    /// <summary>Powers of ten, with 2 and 5 between them when there are few.</summary>
    public static double[] Logarithmic(double low, double high)
    {
        int first = (int)Math.Floor(Math.Log10(low) + 1e-9);
        int last = (int)Math.Ceiling(Math.Log10(high) - 1e-9);
        double[] factors = last - first <= 3 ? [1, 2, 5] : [1];
        var ticks = Enumerable.Range(first, last - first + 1)
            .SelectMany(power => factors.Select(f => f * Math.Pow(10, power)))
            .ToList();
        // Only as far out as the data needs.
        while (ticks.Count > 2 && ticks[1] <= low)
            ticks.RemoveAt(0);
        while (ticks.Count > 2 && ticks[^2] >= high)
            ticks.RemoveAt(ticks.Count - 1);
        return [.. ticks];
    }
}
