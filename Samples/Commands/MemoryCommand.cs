using System.CommandLine;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Samples;

/// <summary>`momentum memory`: what storing and recomputing cost as a network gets deeper.</summary>
internal static class MemoryCommand
{
    private const string PictureName = "depths.svg";

    public static Command Create(AppHost host)
    {
        var depths = SharedOptions.WholeList(
            "--depths", "Numbers of layers to measure.", new NumberList(1, 25, 50, 100, 150, 200), 1, 100_000);
        var model = Model();
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
                $"loss mean(y²).\nWith --model instead (the depths then have other defaults):\n" +
                string.Join('\n', ModelMemory.Cases.Select(c => $"  {c.Name,-12}{c.Description}; {c.Depths}")) +
                $"\nWrites {PictureName} (memory-MODEL.svg) into the --out folder.",
            Examples =
            [
                ("momentum memory", "depths 1 to 200"),
                ("momentum memory --depths 10,100,1000 --points 2000", "deeper, with fewer points"),
                ("momentum memory --model transformer", "a Transformer in momentum form, in every memory mode"),
            ],
        };
        foreach (var option in new Option[] { model, depths, points, repeats, seed, outOption, device, threads, quiet })
            command.Options.Add(option);
        command.SetAction(parse =>
        {
            host.Quiet = parse.GetValue(quiet);
            var folder = OutputFolder.Open(parse.GetValue(outOption)!);
            var on = SharedOptions.OpenDevice(parse.GetValue(device)!, parse.GetValue(threads));
            if (parse.GetValue(model) is { } name)
            {
                var chosen = ModelMemory.Cases.First(c => c.Name == name);
                var wanted = parse.GetResult(depths) is { Implicit: false } ? parse.GetValue(depths)! : chosen.Depths;
                return RunModel(
                    host, folder, on, chosen, wanted.Values, parse.GetValue(repeats), (ulong)parse.GetValue(seed));
            }

            return Run(
                host, folder, on, parse.GetValue(depths)!.Values, parse.GetValue(points),
                parse.GetValue(repeats), (ulong)parse.GetValue(seed));
        });
        return command;
    }

    private static Option<string?> Model()
    {
        string names = string.Join('|', ModelMemory.Cases.Select(c => c.Name));
        var option = new Option<string?>("--model")
        {
            Description = "Measure a model in momentum form rather than the small network.",
            HelpName = names,
        };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } got && ModelMemory.Cases.All(c => c.Name != got))
                result.AddError($"--model must be {names.Replace("|", " or ")}; got '{got}'.");
        });
        return option;
    }

    private static int RunModel(
        AppHost host, OutputFolder folder, Device device, ModelMemoryCase model, int[] depths, int repeats, ulong seed)
    {
        var memory = ModelMemory.Measure(
            model, device, depths, repeats, seed, new DirectProgress<string>(host.Say), host.Cancellation);
        host.Say();
        memory.Show(host);
        string picture = $"memory-{model.Name}.svg";
        folder.Write(picture, memory.ToChart($"{model.Description}, γ {ModelWorkloads.Gamma}, {device.Name}").ToSvg());
        host.Result($"{memory.Finding}; picture: {folder.PathOf(picture)}");
        return ExitCode.Ok;
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
