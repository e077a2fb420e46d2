using System.Text.Json.Nodes;
using MomentumCore.Layers;
using MomentumCore.Reversible;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Reversible;

/// <summary>Outputs and gradients equal those of the authors' PyTorch package.</summary>
[TestFixture]
internal sealed class ParityTests
{
    private static IEnumerable<TestCaseData> Cases() =>
        from node in Fixture.Cases("momentum.json")
        from mode in Enum.GetValues<MemoryMode>()
        where mode == MemoryMode.Store || (double)node!["gamma"]! > 0
        from dtype in new[] { DType.Float64, DType.Float32 }
        select new TestCaseData(node, mode, dtype)
            .SetArgDisplayNames((string)node!["name"]!, mode.ToString(), dtype.ToString());

    [TestCaseSource(nameof(Cases))]
    public void Equals_the_authors_package(JsonNode fixture, MemoryMode mode, DType dtype)
    {
        using var scope = TensorScope.Begin();
        var net = Build(fixture, mode, dtype);
        var names = fixture["parameters"]!.AsObject().Select(p => p.Key);
        Assert.That(net.NamedParameters().Select(p => p.Name), Is.EqualTo(names));
        var stateNames = fixture["stateNames"]!.AsArray().Select(n => (string)n!);
        Assert.That(net.StateDict().Keys, Is.EqualTo(stateNames), "its state dictionaries load as they are");
        using (NoGrad.Begin())
        {
            foreach (var (name, parameter) in net.NamedParameters())
                parameter.CopyFrom(Read(fixture["parameters"]![name]!, dtype));
        }

        var x = Read(fixture["x"]!, dtype);
        x.RequiresGradient = true;
        var gradients = fixture["otherGradients"]!.AsArray();
        Tensor[] others = [.. fixture["others"]!.AsArray().Select(o => Read(o!, dtype))];
        for (int i = 0; i < others.Length; i++)
            others[i].RequiresGradient = gradients[i] != null;

        var y = net.Call(x, others);
        double[] output = y.Values();
        (y * y).Sum().Backward();

        // What the exact mode computes lies on its grid, which is coarser than the type's rounding.
        double tolerance = (mode, dtype) switch
        {
            (MemoryMode.Exact, DType.Float32) => 1e-3,
            (MemoryMode.Exact, _) => 1e-8,
            (_, DType.Float32) => 2e-5,
            _ => 1e-12,
        };
        void Check(string what, double[] actual, JsonNode expected) =>
            TestTensors.AssertClose(actual, Read(expected, DType.Float64).Values(), tolerance, tolerance, what);

        Check("output", output, fixture["output"]!);
        Check("gradient of x", x.Gradient!.Values(), fixture["xGradient"]!);
        for (int i = 0; i < others.Length; i++)
        {
            if (gradients[i] != null)
                Check($"gradient of extra input {i}", others[i].Gradient!.Values(), gradients[i]!);
        }

        foreach (var (name, parameter) in net.NamedParameters())
            Check($"gradient of {name}", parameter.Gradient!.Values(), fixture["parameterGradients"]![name]!);
    }

    private static MomentumNet Build(JsonNode fixture, MemoryMode mode, DType dtype)
    {
        int[] extras = [.. fixture["others"]!.AsArray().Select(o => Read(o!, dtype).Shape[1])];
        int depth = (int)fixture["depth"]!;
        Module Layer() =>
            extras.Length > 0
                ? new SumOfLinears([3, .. extras], (bool)fixture["bias"]!, dtype)
                : Nets.Mlp(3, 5, 1, dtype);
        Module? velocity = (string?)fixture["velocity"] switch
        {
            "mlp" => Nets.Mlp(3, 5, 1, dtype),
            "linear" => new Linear(3, 3, dtype: dtype),
            _ => null,
        };
        double gamma = (double)fixture["gamma"]!;
        bool isResidual = (bool)fixture["residual"]!;
        return (bool)fixture["shared"]!
            ? MomentumNet.Repeat(Layer(), depth, gamma, mode, velocity, isResidual)
            : new MomentumNet([.. Enumerable.Range(0, depth).Select(_ => Layer())], gamma, mode, velocity, isResidual);
    }

    private static Tensor Read(JsonNode node, DType dtype)
    {
        var rows = node.AsArray();
        if (rows[0] is not JsonArray)
            return TestTensors.Make([.. rows.Select(v => (double)v!)], [rows.Count], dtype);
        double[] values = [.. rows.SelectMany(r => r!.AsArray().Select(v => (double)v!))];
        return TestTensors.Make(values, [rows.Count, values.Length / rows.Count], dtype);
    }
}
