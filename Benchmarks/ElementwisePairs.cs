using System.Diagnostics;

namespace MomentumCore.Benchmarks;

/// <summary>Kernel and TensorPrimitives in turns, best and median of many rounds: for machines that others use too.</summary>
internal static class ElementwisePairs
{
    private const int Rounds = 25;

    /// <summary>Compares the maps of these names, or all.</summary>
    public static void Run(IReadOnlyCollection<string> names)
    {
        foreach (int threads in new[] { 1, 2 })
        {
            var work = new Elementwise { Count = 16 << 20, Threads = threads };
            work.Setup();
            Console.WriteLine($"16 M floats, kernels on {threads} thread{(threads == 1 ? "" : "s")}, milliseconds: best (median)");
            foreach (var (name, primitives, kernel) in new (string, Action, Action)[]
            {
                ("add", work.AddPrimitives, work.AddKernel),
                ("sqrt", work.SqrtPrimitives, work.SqrtKernel),
                ("reciprocal", work.ReciprocalPrimitives, work.ReciprocalKernel),
                ("exp", work.ExpPrimitives, work.ExpKernel),
                ("log", work.LogPrimitives, work.LogKernel),
                ("tanh", work.TanhPrimitives, work.TanhKernel),
                ("sigmoid", work.SigmoidPrimitives, work.SigmoidKernel),
                ("sin", work.SinPrimitives, work.SinKernel),
                ("cos", work.CosPrimitives, work.CosKernel),
                ("pow", work.PowPrimitives, work.PowKernel),
                ("softplus", work.SoftplusPrimitives, work.SoftplusKernel),
                ("gelu", work.GeluPrimitives, work.GeluKernel),
                // No counterpart: against the square root, which takes the time that the memory takes.
                ("erf", work.SqrtPrimitives, work.ErfKernel),
            })
            {
                if (names.Count == 0 || names.Contains(name))
                    Compare(name, primitives, kernel);
            }

            work.Cleanup();
        }
    }

    private static void Compare(string name, Action primitives, Action kernel)
    {
        double[] theirs = new double[Rounds], ours = new double[Rounds];
        for (int round = -2; round < Rounds; round++) // two to warm up
        {
            double first = Time(primitives), second = Time(kernel);
            if (round >= 0)
                (theirs[round], ours[round]) = (first, second);
        }

        Array.Sort(theirs);
        Array.Sort(ours);
        Console.WriteLine(
            $"{name,-10} TensorPrimitives {theirs[0],6:F2} ({theirs[Rounds / 2],6:F2})   kernel {ours[0],6:F2} ({ours[Rounds / 2],6:F2})   ratio {ours[0] / theirs[0]:F2}");
    }

    private static double Time(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
