using System.CommandLine;
using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;
using MomentumCore.Layers;
using MomentumCore.Reversible;

namespace MomentumCore.Samples;

/// <summary>`momentum dropin`: models as people have them, turned into their momentum form.</summary>
internal static class DropInCommand
{
    private const double Gamma = 0.9;

    public static Command Create(AppHost host)
    {
        string names = string.Join(", ", DropInExample.All.Select(e => e.Name));
        var name = new Argument<string?>("name")
        {
            Description = $"{names}; all when left out.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        name.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } got && DropInExample.All.All(e => e.Name != got))
                result.AddError($"There is no example '{got}'; there is: {names}.");
        });
        var steps = SharedOptions.Whole("--steps", "Training steps in each memory mode.", 5, 1, 100_000);
        var seed = SharedOptions.Seed();
        var threads = SharedOptions.Threads();
        var quiet = SharedOptions.Quiet();
        var command = new MomentumCommand(
            "dropin", "Turn a ResNet, a network of one's own, a Transformer, a ViT into their momentum form.")
        {
            Notes = "For each: the call; how far the momentum form with γ = 0 is from the model (rounding); and some " +
                "steps of SGD on mean(y²) with γ = 0.9 in every memory mode, which give the same losses.\n" +
                string.Join('\n', DropInExample.All.Select(e => $"  {e.Name,-12}{e.Description}")) +
                "\nWith weights of your own: momentum train --model resnet18 --weights FILE --transform.",
            Examples = [("momentum dropin", "all of them"), ("momentum dropin vit --steps 20", "one of them, longer")],
        };
        command.Arguments.Add(name);
        foreach (var option in new Option[] { steps, seed, threads, quiet })
            command.Options.Add(option);
        command.SetAction(parse =>
        {
            host.Quiet = parse.GetValue(quiet);
            using var device = Device.Use(SharedOptions.OpenDevice("cpu", parse.GetValue(threads)));
            foreach (var example in DropInExample.All.Where(e => parse.GetValue(name) is not { } wanted || e.Name == wanted))
                Run(host, example, parse.GetValue(steps), (ulong)parse.GetValue(seed));
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Run(AppHost host, DropInExample example, int steps, ulong seed)
    {
        using var scope = TensorScope.Begin();
        using var random = RandomSource.Use(new RandomSource(seed));
        using var model = example.Model();
        var inputs = example.Inputs();
        host.Say($"{example.Name}: {example.Description}");
        host.Say($"  {example.Code}");
        double difference = DifferenceAtZero(example, model, inputs);
        var rows = Enum.GetValues<MemoryMode>().Select(mode => Train(host, example, model, inputs, mode, steps)).ToList();
        host.ShowTable(
            null,
            ["Mode", "First loss", "Last loss", "Peak tensors"],
            rows.Select(r => (string[])
                [$"{r.Mode}", Quantity.Number(r.First), Quantity.Number(r.Last), Quantity.Bytes(r.PeakBytes)]));
        host.Result(
            $"{example.Name}: {model.Parameters().Count()} parameters kept; γ = 0 differs by {difference:G1}; loss after " +
            $"{Quantity.Count(steps, "step")} {string.Join(", ", rows.Select(r => $"{r.Mode} {Quantity.Number(r.Last)}"))}");
        host.Say();
    }

    private static double DifferenceAtZero(DropInExample example, Module model, Tensor[] inputs)
    {
        using var same = example.Transform(model.Eval(), 0, MemoryMode.Store);
        using var noGrad = NoGrad.Begin();
        double difference = (same.Call(inputs[0], inputs[1..]) - model.Call(inputs[0], inputs[1..])).Abs().Max().Item();
        model.Train();
        return difference;
    }

    private static (MemoryMode Mode, double First, double Last, long PeakBytes) Train(
        AppHost host, DropInExample example, Module model, Tensor[] inputs, MemoryMode mode, int steps)
    {
        var memory = inputs[0].Device.Memory;
        long before = memory.LiveBytes;
        using var momentum = example.Transform(model, Gamma, mode);
        using var optimizer = new Sgd(momentum.Parameters(), 0.01);
        var losses = new List<double>();
        memory.ResetPeak();
        for (int step = 0; step < steps; step++)
        {
            host.Cancellation.ThrowIfCancellationRequested();
            using var scope = TensorScope.Begin();
            optimizer.ZeroGradient();
            var loss = momentum.Call(inputs[0], inputs[1..]).Square().Mean();
            losses.Add(loss.Item());
            loss.Backward();
            optimizer.Step();
        }

        return (mode, losses[0], losses[^1], memory.PeakBytes - before);
    }
}
