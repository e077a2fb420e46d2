using System.Globalization;
using System.Text.Json;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Tests.Kernels;

/// <summary>
/// XMath against references of higher precision, in units of the last place of the true value. The bounds are those
/// that
/// docs/kernels.md promises.
/// </summary>
[TestFixture]
internal sealed class XMathAccuracyTests
{
    private sealed record Function(
        string Name, Func<float, float> Float, Func<double, double> Reference, double FloatBound);

    // The references are good to a double's last digits, some 10^8 times finer than what they measure; those that .NET
    // lacks are our own double functions, which the table below holds to 1e-15.
    private static readonly Function[] Functions =
    [
        new("Exp", XMath.Exp, Math.Exp, 1),
        new("Log", XMath.Log, Math.Log, 1),
        new("Log1P", XMath.Log1P, XMath.Log1P, 3),
        new("Tanh", XMath.Tanh, Math.Tanh, 1.5),
        new("Sin", XMath.Sin, Math.Sin, 4),
        new("Cos", XMath.Cos, Math.Cos, 4),
        new("Erf", XMath.Erf, XMath.Erf, 8),
        new("Erfc", XMath.Erfc, XMath.Erfc, 8),
        new("Rsqrt", XMath.Rsqrt, x => 1 / Math.Sqrt(x), 1.5),
        new("Rcp", XMath.Rcp, x => 1 / x, 0.5),
    ];

    private static IEnumerable<TestCaseData> Sweeps() =>
        Functions.Select(f => new TestCaseData(f).SetArgDisplayNames(f.Name));

    private static IEnumerable<TestCaseData> Tables() => new (string, object, double)[]
    {
        ("Exp", (Func<double, double>)XMath.Exp, 1),
        ("Log", (Func<double, double>)XMath.Log, 1),
        ("Log1P", (Func<double, double>)XMath.Log1P, 1),
        ("Tanh", (Func<double, double>)XMath.Tanh, 1),
        ("Sin", (Func<double, double>)XMath.Sin, 1),
        ("Cos", (Func<double, double>)XMath.Cos, 1),
        ("Erf", (Func<double, double>)XMath.Erf, 3),
        ("Erfc", (Func<double, double>)XMath.Erfc, 6),
        ("Rsqrt", (Func<double, double>)XMath.Rsqrt, 1.5),
        ("Rcp", (Func<double, double>)XMath.Rcp, 0.5),
        ("Pow", (Func<double, double, double>)XMath.Pow, 1),
    }.Select(t => new TestCaseData(t.Item1, t.Item2, t.Item3).SetArgDisplayNames(t.Item1));

    [TestCaseSource(nameof(Sweeps))]
    public void A_float_function_is_within_its_bound_over_all_floats_sampled(object function) =>
        Sweep((Function)function, 4099);

    // Minutes for each function; every 67th float only: dotnet test … -- 'TestRunParameters.Parameter(name="stride",
    // value="67")'
    [Explicit("4 294 967 296 arguments for each function")]
    [TestCaseSource(nameof(Sweeps))]
    public void A_float_function_is_within_its_bound_over_every_float(object function) =>
        Sweep((Function)function, TestContext.Parameters.Get("stride", 1));

    [Test]
    public void A_float_power_is_within_its_bound()
    {
        var random = new Random(1);
        double worst = 0;
        string where = "";
        for (int i = 0; i < 1_000_000; i++)
        {
            // Bases over the whole range and around 1; exponents that keep the power within it.
            float x = i % 2 == 0
                ? BitConverter.Int32BitsToSingle(random.Next(1, 0x7F800000))
                : 1 + (0.1f * (random.NextSingle() - 0.5f));
            float y = (float)((random.NextDouble() - 0.5) * 206 / Math.Max(Math.Abs(Math.Log(x)), 1e-6));
            double error = Error(XMath.Pow(x, y), Math.Pow(x, y));
            if (error > worst)
                (worst, where) = (error, $"{x:R}^{y:R}");
        }

        TestContext.Out.WriteLine($"Pow float: {worst:F2} ulp at {where}");
        Assert.That(worst, Is.LessThanOrEqualTo(1), where);
    }

    [TestCaseSource(nameof(Tables))]
    public void A_double_function_is_within_its_bound_of_values_with_60_digits(
        string name, object function, double bound)
    {
        using var table = JsonDocument.Parse(
            File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Fixtures", "xmath.json")));
        double worst = 0;
        string where = "";
        int rows = 0;
        foreach (var row in table.RootElement.GetProperty(name).EnumerateArray())
        {
            double[] numbers = [.. row.EnumerateArray().Select(Number)];
            double got = function is Func<double, double> f
                ? f(numbers[0])
                : ((Func<double, double, double>)function)(numbers[0], numbers[1]);
            var (high, low) = (numbers[^2], numbers[^1]);
            double error = Math.Abs(got - high - low) / Ulp(high);
            rows++;
            if (!(error <= worst))
                (worst, where) = (error, string.Join(", ", numbers.SkipLast(2).Select(x => x.ToString("R", CultureInfo.InvariantCulture))));
        }

        TestContext.Out.WriteLine($"{name} double: {worst:F2} ulp at {where}");
        Assert.That(rows, Is.GreaterThan(90));
        Assert.That(worst, Is.LessThanOrEqualTo(bound), where);
    }

    private static void Sweep(Function function, int stride)
    {
        // Both threads of a small machine; the largest of the parts is the same however they are cut.
        const int Parts = 64;
        var worst = new (double Error, float At)[Parts];
        Parallel.For(0, Parts, part =>
        {
            long first = (1L << 32) * part / Parts, end = (1L << 32) * (part + 1) / Parts;
            for (long bits = (first + stride - 1) / stride * stride; bits < end; bits += stride)
            {
                float x = BitConverter.UInt32BitsToSingle((uint)bits);
                double error = Error(function.Float(x), function.Reference(x));
                if (!(error <= worst[part].Error))
                    worst[part] = (error, x);
            }
        });
        var (error, at) = worst.MaxBy(w => double.IsNaN(w.Error) ? double.PositiveInfinity : w.Error);
        TestContext.Out.WriteLine($"{function.Name} float: {error:F2} ulp at {at:R}");
        Assert.That(error, Is.LessThanOrEqualTo(function.FloatBound), $"at {at:R}");
    }

    /// <summary>
    /// The distance from the true value in units of a float's last place there; 0 where both are NaN or the same
    /// infinity.
    /// </summary>
    private static double Error(float got, double expected)
    {
        if (double.IsNaN(expected))
            return float.IsNaN(got) ? 0 : double.PositiveInfinity;
        if (float.IsInfinity(got) || double.IsInfinity(expected))
            return (float)expected == got ? 0 : double.PositiveInfinity;
        int exponent = Math.Max(Math.ILogB(expected == 0 ? float.Epsilon : expected), -126);
        return Math.Abs(got - expected) / Math.ScaleB(1, Math.Min(exponent, 127) - 23);
    }

    private static double Ulp(double x) => Math.ScaleB(1, Math.Max(Math.ILogB(x), -1022) - 52);

    private static double Number(JsonElement bits) =>
        BitConverter.UInt64BitsToDouble(
            ulong.Parse(bits.GetString()!, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
}
