using System.CommandLine;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Samples;

/// <summary>`momentum memory`: what storing and recomputing cost as a network gets deeper.</summary>
internal static class MemoryCommand
{
    private const string PictureName = "memory.svg";

    public static Command Create(AppHost host)
    {
        var depths = SharedOptions.WholeList(
            "--depths", "Numbers of layers to measure.", new NumberList(1, 25, 50, 100, 150, 200), 1, 100_000);
        var points = SharedOptions.Whole(
            "--points", "Points in each of the two rows of the input.", 200_000, 1, 10_000_000);
        var repeats = SharedOptions.Whole(
            "--repeat", "How many steps are timed at each depth, after two that are not.", 3, 1, 1000);
        var seed = SharedOptions.Seed();
        var outOption = SharedOptions.Out();
        var device = SharedOptions.DeviceName();
        var threads = SharedOptions.Threads();
        var quiet = SharedOptions.Quiet();
        var command = new MomentumCommand(
            "memory", "Measure peak memory and time against depth, storing and recomputing; draw the picture.")
        {
            Notes = "The network: one shared Linear(2,1)-Tanh-Linear(1,2) repeated T times, γ = 1 − 1/(50 T), " +
                $"loss mean(y²).\nWrites {PictureName} into the --out folder.",
            Examples =
            [
                ("momentum memory", "depths 1 to 200"),
                ("momentum memory --depths 10,100,1000 --points 2000", "deeper, with fewer points"),
            ],
        };
        foreach (var option in new Option[] { depths, points, repeats, seed, outOption, device, threads, quiet })
            command.Options.Add(option);
        command.SetAction(parse =>
        {
            host.Quiet = parse.GetValue(quiet);
            var folder = OutputFolder.Open(parse.GetValue(outOption)!);
            var on = SharedOptions.OpenDevice(parse.GetValue(device)!, parse.GetValue(threads));
            return Run(
                host, folder, on, parse.GetValue(depths)!.Values, parse.GetValue(points),
                parse.GetValue(repeats), (ulong)parse.GetValue(seed));
        });
        return command;
    }

    private static int Run(
        AppHost host, OutputFolder folder, Device device, int[] depths, int points, int repeats, ulong seed)
    {
        var comparison = MemoryComparison.Measure(
            device, depths, (depth, mode) => Workloads.Memory(depth, mode, device, seed, points), repeats,
            new DirectProgress<MemoryComparisonRow>(row => host.Say(
                $"depth {row.Depth}: store {Quantity.Bytes(row.Store.PeakTensorBytes)}, recompute " +
                $"{Quantity.Bytes(row.Recompute.PeakTensorBytes)}")),
            host.Cancellation);
        host.Say();
        comparison.Show(host, "One training step:");
        folder.Write(PictureName, comparison.ToChart(
            $"One training step on 2 × {points:N0} points; peak of all tensors on {device.Name}").ToSvg());
        host.Result($"{comparison.Finding}; picture: {folder.PathOf(PictureName)}");
        return ExitCode.Ok;
    }
}
