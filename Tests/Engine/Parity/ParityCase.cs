using System.Text.Json.Nodes;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Parity;

/// <summary>
/// One call that PyTorch made: inputs by name, settings, result and gradients. See
/// Tests/Fixtures/make_engine_fixtures.py.
/// </summary>
internal sealed class ParityCase(string family, JsonObject record)
{
    private readonly JsonObject _inputs = record["inputs"]!.AsObject();

    /// <summary>All cases of all files that the script wrote.</summary>
    public static IEnumerable<ParityCase> All { get; } =
    [
        .. Directory
            .GetFiles(Path.Combine(TestContext.CurrentContext.TestDirectory, "Fixtures", "engine"), "*.json").Order()
            .SelectMany(file => Fixture.Cases(Path.Combine("engine", Path.GetFileName(file)))
                .Select(c => new ParityCase(Path.GetFileNameWithoutExtension(file), c!.AsObject()))),
    ];

    public string Op => record["op"]!.GetValue<string>();

    /// <summary>The names of the inputs that PyTorch gave a gradient.</summary>
    public IReadOnlyList<string> Differentiated =>
        [.. record["gradients"]?.AsObject().Select(g => g.Key) ?? []];

    /// <summary>The names of the inputs that the call overwrites.</summary>
    public IReadOnlyList<string> Overwritten => [.. record["after"]?.AsObject().Select(g => g.Key) ?? []];

    public double[] Output => Values(record["output"]!);

    public int[] OutputShape => ShapeOf(record["output"]!);

    public Dictionary<string, Tensor> MakeInputs(DType dtype) => _inputs.ToDictionary(
        i => i.Key,
        i => TestTensors.Make(
            Values(i.Value!), ShapeOf(i.Value!), i.Value!["integer"]!.GetValue<bool>() ? DType.Int64 : dtype));

    public Tensor MakeOutputGradient(DType dtype) =>
        TestTensors.Make(Values(record["outputGradient"]!), ShapeOf(record["outputGradient"]!), dtype);

    public double[] Gradient(string input) => Values(record["gradients"]![input]!);

    public double[] After(string input) => Values(record["after"]![input]!);

    public double Number(string option) => Option(option).GetValue<double>();

    public bool Flag(string option) => record["options"]![option]?.GetValue<bool>() ?? false;

    public string Text(string option) => Option(option).GetValue<string>();

    public int[] Sizes(string option) => [.. Option(option).AsArray().Select(n => n!.GetValue<int>())];

    public bool Has(string option) => record["options"]!.AsObject().ContainsKey(option);

    public override string ToString() => $"{family}: {Op} {record["label"]}";

    private JsonNode Option(string name) =>
        record["options"]![name] ?? throw new KeyNotFoundException($"{this} has no option {name}.");

    private static int[] ShapeOf(JsonNode tensor) => [.. tensor["shape"]!.AsArray().Select(n => n!.GetValue<int>())];

    // JSON has no word for them: the script writes NaN and Infinity as texts.
    private static double[] Values(JsonNode tensor) =>
    [
        .. tensor["values"]!.AsArray().Select(n => n!.GetValueKind() == System.Text.Json.JsonValueKind.String
            ? double.Parse(n.GetValue<string>())
            : n.GetValue<double>()),
    ];
}
