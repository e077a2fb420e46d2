using System.CommandLine;
using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;
using MomentumCore.Reversible;

namespace MomentumCore.Samples;

/// <summary>`momentum rings`: separates two nested rings and draws what every layer does to them.</summary>
internal static class RingsCommand
{
    private const string PictureName = "rings.svg";
    private const int DrawnPerRing = 500;

    public static Command Create(AppHost host)
    {
        var depth = SharedOptions.Whole("--depth", "Momentum layers, all with the same f.", 10, 1, 1000);
        var steps = SharedOptions.Whole("--steps", "Training steps, each on 4000 fresh points.", 30, 1, 1_000_000);
        var rate = SharedOptions.Positive("--lr", "Learning rate of Adam.", 0.5);
        var mode = SharedOptions.Mode("--memory");
        var seed = SharedOptions.Seed();
        var outOption = SharedOptions.Out();
        var device = SharedOptions.DeviceName();
        var threads = SharedOptions.Threads();
        var quiet = SharedOptions.Quiet();
        var command = new MomentumCommand(
            "rings", "Separate two nested rings with a momentum network; draw the points after every layer.")
        {
            Notes = "The network: x [n, 2] through one shared Linear(2,16)-Tanh-Linear(16,2), γ 0.99; what comes " +
                "out is " +
                "the score of each ring. Points cannot cross in a chain of small steps of x alone; with a velocity " +
                $"they can.\nWrites {PictureName} into the --out folder.",
            Examples =
            [
                ("momentum rings", "10 layers, 30 steps"),
                ("momentum rings --depth 20 --lr 0.1 --steps 100", "a gentler flow"),
            ],
        };
        foreach (var option in new Option[] { depth, steps, rate, mode, seed, outOption, device, threads, quiet })
            command.Options.Add(option);
        command.SetAction(parse =>
        {
            host.Quiet = parse.GetValue(quiet);
            var folder = OutputFolder.Open(parse.GetValue(outOption)!);
            var on = SharedOptions.OpenDevice(parse.GetValue(device)!, parse.GetValue(threads));
            using var random = RandomSource.Use(new RandomSource((ulong)parse.GetValue(seed)));
            return Run(
                host, folder, on, parse.GetValue(depth), parse.GetValue(steps), parse.GetValue(rate),
                SharedOptions.ToMemoryMode(parse.GetValue(mode)!));
        });
        return command;
    }

    private static int Run(
        AppHost host, OutputFolder folder, Device device, int depth, int steps, double rate, MemoryMode mode)
    {
        using var rings = new Rings(depth, mode, device);
        rings.Train(
            steps, rate,
            new DirectProgress<(int Step, double Loss)>(p =>
            {
                if (p.Step % Math.Max(1, steps / 10) == 0 || p.Step == steps)
                    host.Say($"step {p.Step}/{steps}  loss {Quantity.Number(p.Loss)}");
            }),
            host.Cancellation);

        using var scope = TensorScope.Begin();
        var (points, labels) = Rings.Sample(DrawnPerRing, device);
        double accuracy = rings.Accuracy(points, labels);
        folder.Write(PictureName, Draw(rings, points, accuracy).ToSvg());
        host.Result($"{Quantity.Percent(accuracy)} of new points are put on their own ring; picture: " +
            $"{folder.PathOf(PictureName)}");
        return ExitCode.Ok;
    }

    private static ScatterGrid Draw(Rings rings, Tensor points, double accuracy) => new()
    {
        Title = accuracy > 0.95
            ? "A momentum network pulls two nested rings apart"
            : $"This momentum network puts {Quantity.Percent(accuracy)} of the points on their own ring",
        Subtitle = $"{2 * DrawnPerRing:N0} points on their way through {rings.Depth} layers that share one f, γ = " +
            $"{Rings.Gamma}; ± is each panel's reach",
        ClassNames = ["inner ring", "outer ring"],
        Panels =
        [
            .. rings.Passage(points).Select((stage, layer) => new ScatterPanel(
                layer == 0 ? "input" : $"after layer {layer}", [stage[..DrawnPerRing], stage[DrawnPerRing..]])),
        ],
    };
}
