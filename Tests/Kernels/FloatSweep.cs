using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Tests.Kernels;

/// <summary>
/// The largest errors of XMath's float functions over all 2³² floats, or every n-th: the tests hold samples to what
/// docs/kernels.md states, and the benchmarks' --ulp finds what it states.
/// </summary>
internal static class FloatSweep
{
    private const long Floats = 1L << 32;
    private const int Parts = 1024;

    /// <summary>The functions of one argument.</summary>
    /// <remarks>
    /// The references are good to a double's last digits, some 10^8 times finer than what they measure; those that .NET
    /// lacks are our own double functions, which a table of 60 digits holds to 1e-15.
    /// </remarks>
    public static IReadOnlyList<Function> Functions { get; } =
    [
        new("Exp", XMath.Exp, Math.Exp, 1.00, -81.39176f),
        new("Log", XMath.Log, Math.Log, 0.82, 0.6983002f),
        new("Log1P", XMath.Log1P, XMath.Log1P, 0.88, -2.9802326E-08f),
        new("Softplus", XMath.Softplus, XMath.Softplus, 2.87, -2.7445748f),
        new("Tanh", XMath.Tanh, Math.Tanh, 1.34, 0.62830955f),
        new("Sin", XMath.Sin, Math.Sin, 3.27, 6886.34f),
        new("Cos", XMath.Cos, Math.Cos, 3.34, 1364564.9f),
        new("Erf", XMath.Erf, XMath.Erf, 1.35, 0.94454855f),
        new("Erfc", XMath.Erfc, XMath.Erfc, 8.50, 3.369719f),
        new("Rsqrt", XMath.Rsqrt, x => 1 / Math.Sqrt(x), 1.50, 1.1827658E-38f),
        new("Rcp", XMath.Rcp, x => 1 / x, 0.50, 2.3160559E-38f),
    ];

    /// <summary>The largest error among the floats whose bits are multiples of a number, and where it is.</summary>
    /// <param name="function">What to measure.</param>
    /// <param name="stride">1 for every float.</param>
    /// <param name="threads">How many threads share the work, or −1 for all there are; the result is the same.</param>
    /// <param name="progress">Told how much of the work is done, from 0 to 1.</param>
    public static (double Error, float At) Run(
        Function function, int stride, int threads = -1, Action<double>? progress = null)
    {
        var worst = new (double Error, float At)[Parts];
        int done = 0;
        Parallel.For(0, Parts, new ParallelOptions { MaxDegreeOfParallelism = threads }, part =>
        {
            long first = Floats * part / Parts, end = Floats * (part + 1) / Parts;
            var found = (Error: 0.0, At: 0f);
            for (long bits = (first + stride - 1) / stride * stride; bits < end; bits += stride)
            {
                float x = BitConverter.UInt32BitsToSingle((uint)bits);
                double error = Error(function.Float(x), function.Reference(x));
                if (error > found.Error)
                    found = (error, x);
            }

            worst[part] = found;
            progress?.Invoke((double)Interlocked.Increment(ref done) / Parts);
        });
        return worst.MaxBy(w => w.Error);
    }

    /// <summary>
    /// The distance from the true value in units of a float's last place there; infinite where only one of them is NaN,
    /// infinite, or a zero of its sign.
    /// </summary>
    public static double Error(float got, double expected)
    {
        if (double.IsNaN(expected))
            return float.IsNaN(got) ? 0 : double.PositiveInfinity;
        if (!float.IsFinite(got) || double.IsInfinity(expected))
            return (float)expected == got ? 0 : double.PositiveInfinity;
        long bits = BitConverter.DoubleToInt64Bits(expected);
        if (expected == 0 && got == 0)
            return bits < 0 == float.IsNegative(got) ? 0 : double.PositiveInfinity;
        long exponent = Math.Clamp(((bits >> 52) & 0x7FF) - 1023, -126, 127);
        return Math.Abs(got - expected) * BitConverter.Int64BitsToDouble((23 - exponent + 1023) << 52);
    }

    /// <summary>One of XMath's functions.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Float">What is measured.</param>
    /// <param name="Reference">The true values.</param>
    /// <param name="Largest">The largest error over every float, rounded up to two decimals.</param>
    /// <param name="At">Where it is.</param>
    public sealed record Function(
        string Name, Func<float, float> Float, Func<double, double> Reference, double Largest, float At);
}
