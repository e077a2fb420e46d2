using System.CommandLine;
using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Samples;

/// <summary>
/// `momentum dynamics`: learns −x³ with a momentum network and with a residual one, and draws the paths of both.
/// </summary>
internal static class DynamicsCommand
{
    private const string PictureName = "dynamics.svg";
    private const double MomentumGamma = 0.99;
    private static readonly double[] Starts = [.. Enumerable.Range(0, 9).Select(i => -1 + (i / 4.0))];

    public static Command Create(AppHost host)
    {
        var steps = SharedOptions.Whole(
            "--steps", "Training steps of each network, each on 200 fresh points.", 1000, 1, 1_000_000);
        var rate = SharedOptions.Positive("--lr", "Learning rate of Adam.", 0.03);
        var seed = SharedOptions.Seed();
        var outOption = SharedOptions.Out();
        var device = SharedOptions.DeviceName();
        var threads = SharedOptions.Threads();
        var quiet = SharedOptions.Quiet();
        var command = new MomentumCommand(
            "dynamics", "Learn x to −x³ with a momentum network and a residual one; draw the paths of both.")
        {
            Notes = "Both networks repeat one f, Linear(1,16)-Tanh-Linear(16,1), 15 times from the same start " +
                "weights; " +
                "the momentum network has γ 0.99, the residual one γ 0. A residual network has a way out: with some " +
                "seeds one of its layers learns to throw every point to the other side at once, which no flow of " +
                $"small steps can.\nWrites {PictureName} into the --out folder.",
            Examples =
            [
                ("momentum dynamics", "1000 steps for each"),
                ("momentum dynamics --steps 10000", "patience does not help the residual network"),
            ],
        };
        foreach (var option in new Option[] { steps, rate, seed, outOption, device, threads, quiet })
            command.Options.Add(option);
        command.SetAction(parse =>
        {
            host.Quiet = parse.GetValue(quiet);
            var folder = OutputFolder.Open(parse.GetValue(outOption)!);
            var on = SharedOptions.OpenDevice(parse.GetValue(device)!, parse.GetValue(threads));
            return Run(host, folder, on, (ulong)parse.GetValue(seed), parse.GetValue(steps), parse.GetValue(rate));
        });
        return command;
    }

    private static int Run(AppHost host, OutputFolder folder, Device device, ulong seed, int steps, double rate)
    {
        var momentum = Learn(host, "momentum network", MomentumGamma, device, seed, steps, rate);
        var residual = Learn(host, "residual network", 0, device, seed, steps, rate);
        folder.Write(PictureName, Draw(momentum, residual).ToSvg(height: 520));
        host.Result(
            $"Mean squared error of −x³: momentum network {Quantity.Number(momentum.Error)}, residual network " +
            $"{Quantity.Number(residual.Error)}; picture: {folder.PathOf(PictureName)}");
        return ExitCode.Ok;
    }

    private static Learned Learn(
        AppHost host, string name, double gamma, Device device, ulong seed, int steps, double rate)
    {
        // The same seed for both: the same start weights and the same points.
        using var random = RandomSource.Use(new RandomSource(seed));
        using var network = new Dynamics(gamma, device);
        host.Say($"{name}: {steps:N0} steps …");
        network.Train(steps, rate, host.Cancellation);
        double error = network.Error();
        host.Say($"{name}: mean squared error {Quantity.Number(error)}");
        return new Learned(name, steps, error, network.Paths(Starts));
    }

    private static ChartRow Draw(Learned momentum, Learned residual)
    {
        double[] ends = [.. momentum.Paths.Concat(residual.Paths).SelectMany(p => p)];
        double reach = Math.Max(1.0, ends.Where(double.IsFinite).Select(Math.Abs).Max());
        return new ChartRow(
            momentum.Error < residual.Error / 3
                ? "To learn −x³ all paths must cross and arrive: with momentum they do, without it they do not"
                : "Here momentum makes no great difference to learning −x³",
            "Each line is one input on its way through 15 layers; the dot at the right is where −x³ would take it",
            [Panel(momentum, reach), Panel(residual, reach)]);
    }

    private static LineChart Panel(Learned learned, double reach) => new()
    {
        Title = $"{char.ToUpperInvariant(learned.Name[0])}{learned.Name[1..]}",
        Subtitle = $"{learned.Steps:N0} steps, mean squared error {Quantity.Number(learned.Error)}",
        XAxis = new ChartAxis("layer") { Minimum = 0, Maximum = Dynamics.Depth, Ticks = [0, 5, 10, 15] },
        YAxis = new ChartAxis("x") { Minimum = -reach, Maximum = reach },
        Series =
        [
            .. learned.Paths.Select((path, i) => new ChartSeries("", [.. path.Select((x, layer) => ((double)layer, x))])
            {
                Color = Palette.Sequential((double)i / (Starts.Length - 1)),
            }),
            .. Starts.Select((x, i) => new ChartSeries("", [((double)Dynamics.Depth, -x * x * x)])
            {
                Color = Palette.Sequential((double)i / (Starts.Length - 1)),
            }),
        ],
    };

    private sealed record Learned(string Name, int Steps, double Error, IReadOnlyList<double[]> Paths);
}
