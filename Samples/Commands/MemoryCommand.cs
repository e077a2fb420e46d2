using System.CommandLine;
using MomentumCore.Reversible;

namespace MomentumCore.Samples;

/// <summary>`momentum memory`: what each memory mode costs as a network gets deeper.</summary>
internal static class MemoryCommand
{
    private const string PictureName = "depths.svg";

    public static Command Create(AppHost host)
    {
        var depths = SharedOptions.WholeList(
            "--depths", "Numbers of layers to measure.", new NumberList(1, 25, 50, 100, 150, 200), 1, 100_000);
        var model = SharedOptions.OptionalOneOf(
            "--model", "Measure a model in momentum form rather than the small network.",
            [.. ModelMemory.Cases.Select(c => c.Name)]);
        var points = SharedOptions.Whole(
            "--points", "Points in each of the two rows of the input.", 200_000, 1, 10_000_000);
        var repeats = SharedOptions.Whole(
            "--repeat", "How many steps are timed at each depth, after two that are not.", 3, 1, 1000);
        var seed = SharedOptions.Seed();
        var outOption = SharedOptions.Out();
        var device = SharedOptions.DeviceName();
        var threads = SharedOptions.Threads();
        var json = SharedOptions.Json();
        var quiet = SharedOptions.Quiet();
        var command = new MomentumCommand(
            "memory", "Measure peak memory and time against depth in every memory mode; draw the picture.")
        {
            Notes = "The network: one shared Linear(2,1)-Tanh-Linear(1,2) repeated T times, γ = 1 − 1/(50 T), " +
                $"loss mean(y²).\nWith --model instead (the depths then have other defaults):\n" +
                string.Join('\n', ModelMemory.Cases.Select(c => $"  {c.Name,-12}{c.Description}; {c.Depths}")) +
                "\nBytes are those of all tensors at the peak of a step, without parameters and their gradients, which every " +
                "mode has to hold. Exact's side bits are among its bytes; they have a column besides." +
                $"\nWrites {PictureName} (memory-MODEL.svg) into the --out folder.",
            Examples =
            [
                ("momentum memory", "depths 1 to 200"),
                ("momentum memory --depths 10,100,1000 --points 2000", "deeper, with fewer points"),
                ("momentum memory --model transformer", "a Transformer in momentum form"),
                ("momentum memory --model resnet --json", "for a script"),
            ],
        };
        foreach (var option in new Option[] { model, depths, points, repeats, seed, outOption, device, threads, json, quiet })
            command.Options.Add(option);
        command.SetAction(parse =>
        {
            host.Quiet = parse.GetValue(quiet);
            var folder = OutputFolder.Open(parse.GetValue(outOption)!);
            var on = SharedOptions.OpenDevice(parse.GetValue(device)!, parse.GetValue(threads));
            var sizes = parse.GetValue(depths)!;
            ulong from = (ulong)parse.GetValue(seed);
            int count = parse.GetValue(points);
            string picture = PictureName, name = "shared layer";
            string what = $"One shared Linear(2,1)-Tanh-Linear(1,2), {2 * count:N0} points, γ 1 − 1/(50 T), {on.Name}";
            Func<int, MemoryMode, TrainingStep> prepare = (depth, mode) => Workloads.Memory(depth, mode, on, from, count);
            if (parse.GetValue(model) is { } asked)
            {
                var chosen = ModelMemory.Cases.First(c => c.Name == asked);
                (name, picture) = (asked, $"memory-{asked}.svg");
                what = $"{chosen.Description}, γ {ModelWorkloads.Gamma}, {on.Name}";
                prepare = (depth, mode) => chosen.Prepare(depth, mode, on, from);
                if (parse.GetResult(depths) is not { Implicit: false })
                    sizes = chosen.Depths;
            }

            bool forPrograms = parse.GetValue(json);
            host.Quiet |= forPrograms;
            var memory = ModelMemory.Measure(
                name, on, sizes.Values, prepare, parse.GetValue(repeats), new DirectProgress<string>(host.Say),
                host.Cancellation);
            host.Say();
            memory.Show(host);
            folder.Write(picture, memory.ToChart(what).ToSvg());
            if (forPrograms)
                host.ResultAsJson(memory.ToJson());
            else
                host.Result($"{memory.Finding}; picture: {folder.PathOf(picture)}");
            return ExitCode.Ok;
        });
        return command;
    }
}
