using System.CommandLine;
using System.Diagnostics;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Samples;

/// <summary>`momentum bench NAME`: time and memory of one fixed workload, for people and for programs.</summary>
internal static class BenchCommand
{
    private const int BenchSeed = 1;

    public static Command Create(AppHost host)
    {
        var name = new Argument<string>("name") { Description = "The workload; see the notes." };
        name.Validators.Add(result =>
        {
            string got = result.GetValueOrDefault<string>() ?? "";
            if (Workloads.Find(got) == null)
                result.AddError(
                    $"There is no workload '{got}'; there is: {string.Join(", ", Workloads.All.Select(w => w.Name))}.");
        });
        var mode = SharedOptions.Mode("--mode");
        var depth = SharedOptions.OptionalWhole(
            "--depth", "Momentum layers. [default: the workload's own]", 1, 100_000);
        var repeats = SharedOptions.Whole(
            "--repeat", "How many steps are timed, after two that are not.", 10, 1, 100_000);
        var device = SharedOptions.DeviceName();
        var threads = SharedOptions.Threads();
        var compare = new Option<bool>("--compare")
        {
            Description = "Measure all three modes in turns and compare them with store.",
        };
        var profile = SharedOptions.Profile();
        var json = SharedOptions.Json();
        var command = new MomentumCommand(
            "bench", "Measure one training step of a fixed workload: time and peak memory.")
        {
            Notes = "Workloads (T is the depth):\n" + string.Join('\n', Workloads.All.Select(w =>
                $"  {w.Name,-10}  {w.Description}; T = {w.DefaultDepth}")) +
                "\nA step is forward, loss and backward, plus the optimizer where named. Peak tensor bytes count all " +
                "tensors of the step, parameters and input included; peak process bytes are those of the process " +
                "since its start.",
            Examples =
            [
                ("momentum bench wide", "recompute, as a table"),
                ("momentum bench memory --depth 1000 --mode store", "what storing costs at depth 1000"),
                ("momentum bench quickstart --compare --repeat 50", "what not storing costs, as a ratio"),
                ("momentum bench rings --repeat 50 --json", "for a script"),
            ],
        };
        command.Arguments.Add(name);
        foreach (var option in new Option[] { mode, compare, depth, repeats, device, threads, profile, json })
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(compare) && result.GetResult(mode) is { Implicit: false })
                result.AddError("--compare measures all modes; give it without --mode.");
        });
        command.SetAction(parse =>
        {
            var workload = Workloads.Find(parse.GetRequiredValue(name))!;
            var on = SharedOptions.OpenDevice(parse.GetValue(device)!, parse.GetValue(threads));
            int layers = parse.GetValue(depth) ?? workload.DefaultDepth;
            using var measured = parse.GetValue(profile) ? on.Profile() : null;
            if (parse.GetValue(compare))
            {
                var costs = ModeComparison.Measure(
                    on, m => workload.Prepare(layers, m, on, BenchSeed), parse.GetValue(repeats), host.Cancellation);
                if (parse.GetValue(json))
                    host.ResultAsJson(costs);
                else
                    Show(host, $"{workload.Name}, depth {layers}, {on.Name}, {parse.GetValue(repeats)} steps of each mode in turns", costs);
            }
            else
            {
                var result = Measure(
                    workload, parse.GetValue(mode)!, layers, on, parse.GetValue(repeats), host.Cancellation);
                if (parse.GetValue(json))
                    host.ResultAsJson(result);
                else
                    Show(host, result);
            }

            if (measured != null)
                host.Result(measured.ToString());
            return ExitCode.Ok;
        });
        return command;
    }

    private static BenchResult Measure(
        Workload workload, string modeName, int depth, Device device, int repeats, CancellationToken cancellation)
    {
        var mode = SharedOptions.ToMemoryMode(modeName);
        var cost = StepMeasurement.Take(
            device, () => workload.Prepare(depth, mode, device, BenchSeed), repeats, cancellation);
        using var process = Process.GetCurrentProcess();
        return new BenchResult(
            workload.Name, modeName, device.Name, depth, cost.MedianMs, cost.MinMs, cost.Repeats,
            cost.PeakTensorBytes, process.PeakWorkingSet64);
    }

    private static void Show(AppHost host, string title, IReadOnlyList<ModeCost> costs) => host.ShowTable(
        title,
        ["Mode", "Median", "Least", "Time of store's", "Peak tensors"],
        costs.Select(c => new[]
        {
            c.Mode, Quantity.Milliseconds(c.MedianMs), Quantity.Milliseconds(c.MinMs), $"{Quantity.Number(c.TimeRatio)} ×",
            Quantity.Bytes(c.PeakTensorBytes),
        }),
        leftColumns: 1);

    private static void Show(AppHost host, BenchResult r) => host.ShowTable(
        null,
        ["Workload", "Mode", "Device", "Depth", "Median", "Least", "Steps", "Peak tensors", "Peak process"],
        [[
            r.Workload, r.Mode, r.Device, $"{r.Depth}", Quantity.Milliseconds(r.MedianMs),
            Quantity.Milliseconds(r.MinMs), $"{r.Repeats}", Quantity.Bytes(r.PeakTensorBytes),
            Quantity.Bytes(r.PeakProcessBytes),
        ]],
        leftColumns: 3);
}
