using System.Text.Json.Nodes;
using MomentumCore.Reversible;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Models;

/// <summary>Models of every family, in every memory mode, compute on every other device what PyTorch computes.</summary>
[TestFixture]
internal sealed class ModelDeviceTests
{
    // The large images of the others repeat on every device what the small ones show.
    private const int MostInputElements = 3 * 32 * 32;

    private static IEnumerable<TestCaseData> Cases() =>
        from node in Fixture.Cases("models.json")
        where node!["output"] != null
        let name = (string)node["name"]!
        // Nor do deep ones show more than shallow ones there.
        where (string)node["modes"]! != "recompute"
        where node["inputs"]!.AsArray().All(shape => Elements(shape!) <= MostInputElements)
        from device in Device.All
        where device != Device.Cpu
        from mode in ModelCases.Modes(node)
        select new TestCaseData(node, mode, device).SetArgDisplayNames(name, mode.ToString(), device.Name);

    private static double Elements(JsonNode shape) => shape.Numbers().Aggregate(1.0, (a, b) => a * b);

    [TestCaseSource(nameof(Cases))]
    public void A_model_computes_on_another_device_what_it_does_in_PyTorch(
        JsonNode test, MemoryMode mode, Device device) =>
        ModelParityTests.Check(test, mode, DType.Float32, device);
}
