using System.Diagnostics;
using System.Globalization;
using MomentumCore.Engine;
using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Kernels.Dialect;
using MomentumCore.Kernels.Library;
using MomentumCore.Layers;
using MomentumCore.Reversible;

namespace MomentumCore.Benchmarks;

/// <summary>
/// What the range guards and <see cref="MomentumNet.Verify"/> cost in exact reversal: in turns, best and median of many
/// rounds, for machines that others use too.
/// </summary>
internal static partial class ExactCosts
{
    private const int Rows = 1024;
    private const int Width = 500;
    private const int Depth = 10;
    private const double Gamma = 0.9;
    private const int Rounds = 60;

    /// <summary>Prints both, for the step of the workload `quickstart`.</summary>
    public static void Run()
    {
        foreach (int threads in new[] { 1, 2 })
        {
            var device = new CpuDevice(threads);
            Console.WriteLine(
                $"quickstart, exact, {threads} thread{(threads == 1 ? "" : "s")}, {Rounds} rounds in turns, milliseconds: best (median)");
            var (guarded, unguarded, look) = Guards(device);
            var (plain, verified) = Verified(device);
            Print("forward kernel of a layer without guards", unguarded);
            Print("… with guards", guarded);
            Print("looking for what left the range, once a forward", look);
            Print("training step", plain);
            Print("training step with Verify", verified);
            double Share(Func<Times, double> of) => 100 * ((Depth * (of(guarded) - of(unguarded))) + of(look)) / of(plain);
            double Added(Func<Times, double> of) => 100 * ((of(verified) / of(plain)) - 1);
            Console.WriteLine(Text($"guards: {Share(t => t.Best):F1} % ({Share(t => t.Median):F1} %) of a training step"));
            Console.WriteLine(Text($"Verify: {Added(t => t.Best):F1} % ({Added(t => t.Median):F1} %) more"));
        }
    }

    private static (Times Guarded, Times Unguarded, Times Look) Guards(CpuDevice device)
    {
        const int Count = Rows * Width;
        var (x, f, next) = (Floats(device, 1), Floats(device, 2), Floats(device, 3));
        var whole = device.Allocate(Count * sizeof(int));
        var w = whole.View<int>(0, Count);
        int parts = BitHash.Parts(device, Count);
        var found = device.Allocate(parts * sizeof(long));
        var worst = found.View<long>(0, parts);
        // Of the first layer: c' = γ c₀, with p = 16.
        const float Unit = 1 / 65536f, Scale = (float)(Gamma / 256), Gain = (float)((1 - Gamma) / (Gamma / 256)) / Unit;
        double[] guarded = new double[Rounds], unguarded = new double[Rounds], look = new double[Rounds];
        for (int round = -5; round < Rounds; round++)
        {
            // Each adds to w, which has to stay small.
            w.AsSpan().Clear();
            double with = Time(() => MomentumGrid.Step(device, Count, x, w, f, next, Gain, Scale, Unit, 256, 1, 0));
            w.AsSpan().Clear();
            double without = Time(() => Step(device, Count, x, w, f, next, Gain, Scale, Unit, 0));
            double looking = Time(() => MomentumGrid.LaunchWorst(device, next, w, worst));
            if (round >= 0)
                (guarded[round], unguarded[round], look[round]) = (with, without, looking);
        }

        return (Times.Of(guarded), Times.Of(unguarded), Times.Of(look));
    }

    // Never freed: the process ends with the measurement.
    private static ArrayView<float> Floats(CpuDevice device, int seed)
    {
        var view = device.Allocate(Rows * Width * sizeof(float)).View<float>(0, Rows * Width);
        var random = new Random(seed);
        foreach (ref float value in view.AsSpan())
            value = (2 * random.NextSingle()) - 1;
        return view;
    }

    private static (Times Plain, Times Verified) Verified(CpuDevice device)
    {
        using var random = RandomSource.Use(new RandomSource(1));
        var f = new Sequential(new Linear(Width, 8), new Tanh(), new Linear(8, Width));
        using var net = MomentumNet.Repeat(f, Depth, Gamma, MemoryMode.Exact);
        net.To(device);
        using var x = Tensor.Randn([Rows, Width], device: device);
        double[] plain = new double[Rounds], verified = new double[Rounds];
        for (int round = -5; round < Rounds; round++)
        {
            net.Verify = false;
            double without = Time(() => Train(net, x));
            net.Verify = true;
            double with = Time(() => Train(net, x));
            if (round >= 0)
                (plain[round], verified[round]) = (without, with);
        }

        return (Times.Of(plain), Times.Of(verified));
    }

    private static void Train(MomentumNet net, Tensor x)
    {
        using var scope = TensorScope.Begin();
        net.Call(x).Square().Mean().Backward();
        net.ZeroGradient();
    }

    private static double Time(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static void Print(string what, Times times) =>
        Console.WriteLine(Text($"{what,-50} {times.Best,8:F3} ({times.Median:F3})"));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary><see cref="MomentumGrid"/>'s step as it would be without guards: what it would do out of range is not looked at.</summary>
    [Kernel(FloatOnly = true)]
    public static void Step(
        Index1D i, ArrayView<float> x, ArrayView<int> w, ArrayView<float> f, ArrayView<float> nextX, float gain, float scale,
        float unit, int towards)
    {
        float position = x[i];
        int next = w[i] + (int)MathF.Round(gain * (towards != 0 ? f[i] - position : f[i]));
        w[i] = next;
        nextX[i] = position + (unit * MathF.Round(next * scale));
    }

    private readonly record struct Times(double Best, double Median)
    {
        public static Times Of(double[] values)
        {
            Array.Sort(values);
            return new Times(values[0], values[values.Length / 2]);
        }
    }
}
