namespace MomentumCore.Tests.Support;

/// <summary>Special functions by methods that have nothing in common with the engine's.</summary>
internal static class Special
{
    /// <summary>
    /// erf x = 2/√π e^(−x²) Σ 2ⁿ x^(2n+1) / (1·3·5 … (2n+1)): all terms of one sign, so nothing cancels.
    /// </summary>
    public static double Erf(double x)
    {
        if (Math.Abs(x) > 6)
            return Math.Sign(x);
        double term = x, sum = x;
        for (int n = 1; Math.Abs(term) > 1e-18 * Math.Abs(sum); n++)
        {
            term *= 2 * x * x / ((2 * n) + 1);
            sum += term;
        }

        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }

    /// <summary>erfc x for x ≥ 1 by its continued fraction (Legendre), evaluated from far behind.</summary>
    public static double Erfc(double x)
    {
        double fraction = 0;
        for (int k = 400; k > 0; k--)
            fraction = k / 2.0 / (x + fraction);
        return Math.Exp(-x * x) / (Math.Sqrt(Math.PI) * (x + fraction));
    }
}
