using System.CommandLine;

namespace MomentumCore.Samples;

/// <summary>`momentum plan`: which memory mode each block of a model should train in to fit a budget.</summary>
internal static class PlanCommand
{
    public static Command Create(AppHost host)
    {
        var model = SharedOptions.OneOf(
            "--model", "The model; see the notes.", [.. BlockPlan.Cases.Select(c => c.Name)],
            BlockPlan.Cases[0].Name);
        var depth = SharedOptions.OptionalWhole(
            "--depth", "Its depth T. [default: the model's own]", 1, 100_000);
        var budget = SharedOptions.Size(
            "--budget", "The most tensor bytes that a step may hold, as in 200MB or 1.5GiB; without it, what is fastest.");
        var seed = SharedOptions.Seed();
        var device = SharedOptions.DeviceName();
        var threads = SharedOptions.Threads();
        var json = SharedOptions.Json();
        var quiet = SharedOptions.Quiet();
        var command = new MomentumCommand(
            "plan", "Choose a memory mode for each block of a model, so that a training step fits a budget.")
        {
            Notes = "Models (all in momentum form, γ 0.9):\n" +
                string.Join('\n', BlockPlan.Cases.Select(c =>
                    $"  {c.Name,-15} {c.Description}; T = {c.Depths.Values[^1]}")) +
                "\nEach block is measured in each mode: what it keeps between forward and backward, its peak, its time. " +
                "The fastest choice whose peak stays within the budget is set, a step is run, and its peak is shown " +
                "beside the prediction. Peaks count all tensors of a step, parameters and gradients included, without an " +
                "optimizer's. It fails, and says what is needed, where nothing fits. Programs have the same from " +
                "MemoryPlan.For.",
            Examples =
            [
                ("momentum plan --model resnet", "the fastest modes, and how little memory would do"),
                ("momentum plan --model resnet18 --depth 8 --budget 500MB", "fit ResNet-18 with 8 blocks a stage"),
                ("momentum plan --model transformer --budget 16MiB --json", "for a script"),
            ],
        };
        foreach (var option in new Option[] { model, depth, budget, seed, device, threads, json, quiet })
            command.Options.Add(option);
        command.SetAction(parse =>
        {
            host.Quiet = parse.GetValue(quiet);
            var on = SharedOptions.OpenDevice(parse.GetValue(device)!, parse.GetValue(threads));
            var chosen = BlockPlan.Cases.First(c => c.Name == parse.GetValue(model));
            var plan = BlockPlan.Make(
                chosen, parse.GetValue(depth) ?? chosen.Depths.Values[^1], on, parse.GetValue(budget) ?? long.MaxValue,
                (ulong)parse.GetValue(seed));
            if (parse.GetValue(json))
                host.ResultAsJson(plan.ToJson());
            else
                Show(host, plan);
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Show(AppHost host, BlockPlan plan)
    {
        plan.Show(host);
        host.Say();
        string budget = plan.Plan.BudgetBytes == long.MaxValue
            ? "no budget"
            : $"budget {Quantity.Bytes(plan.Plan.BudgetBytes)}";
        host.Result(
            $"Peak: predicted {Quantity.Bytes(plan.Plan.PredictedPeakBytes)}, measured " +
            $"{Quantity.Bytes(plan.MeasuredPeakBytes)} ({budget}; the most frugal choice needs " +
            $"{Quantity.Bytes(plan.Plan.LeastPeakBytes)}); {Quantity.Milliseconds(plan.Plan.PredictedMilliseconds)} a step in " +
            "these blocks");
    }
}
