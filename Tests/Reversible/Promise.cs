namespace MomentumCore.Tests.Reversible;

/// <summary>The γ and depths for which every bit is promised.</summary>
internal static class Promise
{
    /// <summary>NaN stands for 1 − 1/T.</summary>
    public static readonly double[] Gammas = [0.1, 0.3, 0.5, 0.9, 0.99, double.NaN];

    public static readonly int[] Depths = [1, 7, 8, 53, 64, 300, 1024, 4096];

    /// <summary>γ of a network of this depth; 1 − 1/1 would be 0, which has no inverse, so a single layer gets 1/2.</summary>
    public static double Gamma(double gamma, int depth) => double.IsNaN(gamma) ? 1 - (1.0 / Math.Max(depth, 2)) : gamma;
}
