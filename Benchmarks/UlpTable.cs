using System.Diagnostics;
using System.Globalization;
using MomentumCore.Tests.Kernels;

namespace MomentumCore.Benchmarks;

/// <summary>Runs XMath's float functions over every float there is and prints their largest errors.</summary>
/// <remarks>--ulp [function …] [--stride n] [--threads n]: without names all functions, without a stride every float.</remarks>
internal static class UlpTable
{
    public static int Run(IReadOnlyList<string> arguments)
    {
        int stride = 1, threads = Environment.ProcessorCount;
        var names = new List<string>();
        for (int i = 0; i < arguments.Count; i++)
        {
            if (arguments[i] is not ("--stride" or "--threads"))
            {
                names.Add(arguments[i]);
                continue;
            }

            bool isStride = arguments[i] == "--stride";
            string text = ++i < arguments.Count ? arguments[i] : "nothing";
            if (!int.TryParse(text, CultureInfo.InvariantCulture, out int number) || number < 1)
                return Refuse($"{arguments[i - 1]} takes a whole number from 1 on, but got {text}.");
            (stride, threads) = isStride ? (number, threads) : (stride, number);
        }

        var unknown = names.Where(n => !FloatSweep.Functions.Any(f => IsNamed(f, n))).ToList();
        if (unknown.Count > 0)
        {
            string known = string.Join(", ", FloatSweep.Functions.Select(f => f.Name));
            return Refuse($"--ulp does not know {string.Join(", ", unknown)}; it knows {known}.");
        }

        Console.WriteLine(stride == 1 ? "Every float." : $"Every float whose bits are a multiple of {stride}.");
        Console.WriteLine("function   largest error in ulp   at                bits       seconds");
        foreach (var function in FloatSweep.Functions.Where(f => names.Count == 0 || names.Exists(n => IsNamed(f, n))))
            Measure(function, stride, threads);
        return 0;
    }

    private static void Measure(FloatSweep.Function function, int stride, int threads)
    {
        long start = Stopwatch.GetTimestamp();
        int shown = -1;
        var (error, at) = FloatSweep.Run(function, stride, threads, part =>
        {
            int percent = (int)(100 * part);
            if (Interlocked.Exchange(ref shown, percent) < percent && !Console.IsErrorRedirected)
                Console.Error.Write($"\r{function.Name} {percent,3} %");
        });
        if (!Console.IsErrorRedirected)
            Console.Error.Write("\r              \r");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{function.Name,-10} {error,20:F4}   {at,-16:R}  {BitConverter.SingleToUInt32Bits(at):X8} {Stopwatch.GetElapsedTime(start).TotalSeconds,11:F1}"));
    }

    private static bool IsNamed(FloatSweep.Function function, string name) =>
        function.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static int Refuse(string message)
    {
        Console.Error.WriteLine(message);
        return 1;
    }
}
