using System.Diagnostics;

namespace MomentumCore.Benchmarks;

/// <summary>Kernel and TensorPrimitives in turns, best and median of many rounds: for machines that others use too.</summary>
internal static class ElementwisePairs
{
    private const int Rounds = 25;

    public static void Run()
    {
        foreach (int threads in new[] { 1, 2 })
        {
            var work = new Elementwise { Count = 16 << 20, Threads = threads };
            work.Setup();
            Console.WriteLine($"16 M floats, kernels on {threads} thread{(threads == 1 ? "" : "s")}, milliseconds: best (median)");
            Compare("add", work.AddPrimitives, work.AddKernel);
            Compare("sqrt", work.SqrtPrimitives, work.SqrtKernel);
            Compare("exp", work.ExpPrimitives, work.ExpKernel);
            Compare("log", work.LogPrimitives, work.LogKernel);
            Compare("tanh", work.TanhPrimitives, work.TanhKernel);
            Compare("sin", work.SinPrimitives, work.SinKernel);
            Compare("gelu", work.GeluPrimitives, work.GeluKernel);
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
            $"{name,-5} TensorPrimitives {theirs[0],6:F2} ({theirs[Rounds / 2],6:F2})   kernel {ours[0],6:F2} ({ours[Rounds / 2],6:F2})   ratio {ours[0] / theirs[0]:F2}");
    }

    private static double Time(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
