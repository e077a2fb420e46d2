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
    private static IEnumerable<TestCaseData> Sweeps() =>
        FloatSweep.Functions.Select(f => new TestCaseData(f).SetArgDisplayNames(f.Name));

    private static IEnumerable<TestCaseData> Tables() => new (string, object, double)[]
    {
        ("Exp", (Func<double, double>)XMath.Exp, 1),
        ("Log", (Func<double, double>)XMath.Log, 1),
        ("Log1P", (Func<double, double>)XMath.Log1P, 1),
        ("Softplus", (Func<double, double>)XMath.Softplus, 2),
        ("Tanh", (Func<double, double>)XMath.Tanh, 1),
        ("Sin", (Func<double, double>)XMath.Sin, 1),
        ("Cos", (Func<double, double>)XMath.Cos, 1),
        ("Erf", (Func<double, double>)XMath.Erf, 3),
        ("Erfc", (Func<double, double>)XMath.Erfc, 6),
        ("Rsqrt", (Func<double, double>)XMath.Rsqrt, 1.5),
        ("Rcp", (Func<double, double>)XMath.Rcp, 0.5),
        ("Pow", (Func<double, double, double>)XMath.Pow, 1),
    }.Select(t => new TestCaseData(t.Item1, t.Item2, t.Item3).SetArgDisplayNames(t.Item1));

    // Every float, which takes minutes for each function: dotnet run -c Release --project Benchmarks -- --ulp
    [TestCaseSource(nameof(Sweeps))]
    public void A_float_function_is_within_its_largest_error_over_all_floats_sampled(object function)
    {
        var measured = (FloatSweep.Function)function;
        var (error, at) = FloatSweep.Run(measured, stride: 4099);
        TestContext.Out.WriteLine($"{measured.Name} float: {error:F2} ulp at {at:R}");
        Assert.That(error, Is.LessThanOrEqualTo(measured.Largest), $"at {at:R}");
    }

    [TestCaseSource(nameof(Sweeps))]
    public void The_largest_error_of_a_float_function_is_where_the_sweep_over_every_float_found_it(object function)
    {
        var measured = (FloatSweep.Function)function;
        double error = FloatSweep.Error(measured.Float(measured.At), measured.Reference(measured.At));
        // Rounded up, but not for what the reference itself is off.
        Assert.That(Math.Ceiling((error * 100) - 1e-5) / 100, Is.EqualTo(measured.Largest).Within(1e-9));
    }

    [TestCaseSource(nameof(Sweeps))]
    public void The_largest_error_of_a_float_function_is_what_the_documentation_states(object function)
    {
        var measured = (FloatSweep.Function)function;
        string page = File.ReadAllText(Path.Combine(House.Repository.Root, "docs", "kernels.md"));
        string row = string.Create(
            CultureInfo.InvariantCulture, $"| `{measured.Name}` | {measured.Largest:F2} | {measured.At:R} |");
        Assert.That(page, Does.Contain(row));
    }

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
            double error = FloatSweep.Error(XMath.Pow(x, y), Math.Pow(x, y));
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

    private static double Ulp(double x) => Math.ScaleB(1, Math.Max(Math.ILogB(x), -1022) - 52);

    private static double Number(JsonElement bits) =>
        BitConverter.UInt64BitsToDouble(
            ulong.Parse(bits.GetString()!, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
}
