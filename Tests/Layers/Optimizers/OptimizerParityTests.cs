using System.Text.Json.Nodes;
using MomentumCore.Layers;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Layers.Optimizers;

/// <summary>Every optimizer with every option against PyTorch, over several steps and two groups.</summary>
[TestFixture]
internal sealed class OptimizerParityTests
{
    private static readonly Shape[] Shapes = [[3, 2], [5], []];
    private static readonly JsonArray All = Fixture.Cases("optimizers.json");

    private static IEnumerable<TestCaseData> Cases() => All.Skip(1).Select((c, i) =>
        new TestCaseData(i + 1).SetArgDisplayNames(
            $"{c!["optimizer"]}", $"{c["dtype"]}", c["options"]!.ToJsonString()));

    [TestCaseSource(nameof(Cases))]
    public void Every_step_gives_the_values_of_PyTorch(int index)
    {
        using var scope = TensorScope.Begin();
        var wanted = All[index]!;
        var inputs = All[0]!;
        var dtype = Enum.Parse<DType>(wanted["dtype"]!.GetValue<string>());
        Tensor[] parameters = [.. Shapes.Select((s, i) => TestTensors.Make(inputs["start"]![i]!.Numbers(), s, dtype))];
        foreach (var parameter in parameters)
            parameter.RequiresGradient = true;
        using var optimizer = Make(wanted, parameters);
        double tolerance = dtype == DType.Float64 ? 1e-13 : 2e-6;
        for (int step = 0; step < wanted["values"]!.AsArray().Count; step++)
        {
            for (int i = 0; i < parameters.Length; i++)
            {
                parameters[i].SetGradient(inputs["gradients"]![step]![i] is { } gradient
                    ? TestTensors.Make(gradient.Numbers(), Shapes[i], dtype)
                    : null);
            }

            optimizer.Step();
            for (int i = 0; i < parameters.Length; i++)
            {
                TestTensors.AssertClose(
                    parameters[i].Values(), wanted["values"]![step]![i]!.Numbers(), tolerance, tolerance,
                    $"step {step}, parameter {i}");
            }
        }
    }

    private static Optimizer Make(JsonNode wanted, Tensor[] parameters)
    {
        ParameterGroup[] groups =
        [
            new ParameterGroup(parameters[..2]),
            new ParameterGroup(parameters[2..], learningRate: 0.05, weightDecay: 0.02),
        ];
        var o = wanted["options"]!;
        double rate = o.Option("lr", double.NaN);
        double beta1 = o["betas"]?[0]?.GetValue<double>() ?? 0.9;
        double beta2 = o["betas"]?[1]?.GetValue<double>() ?? 0.999;
        return wanted["optimizer"]!.GetValue<string>() switch
        {
            "Sgd" => new Sgd(
                groups, rate, o.Option("momentum", 0), o.Option("dampening", 0), o.Option("weight_decay", 0),
                o.Flag("nesterov")),
            "Adam" => new Adam(
                groups, rate, beta1, beta2, o.Option("eps", 1e-8), o.Option("weight_decay", 0), o.Flag("amsgrad")),
            "AdamW" => new AdamW(
                groups, rate, beta1, beta2, o.Option("eps", 1e-8), o.Option("weight_decay", 0.01), o.Flag("amsgrad")),
            "RmsProp" => new RmsProp(
                groups, rate, o.Option("alpha", 0.99), o.Option("eps", 1e-8), o.Option("weight_decay", 0),
                o.Option("momentum", 0), o.Flag("centered")),
            var other => throw new InvalidOperationException(other),
        };
    }
}
