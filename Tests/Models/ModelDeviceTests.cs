using System.Text.Json.Nodes;
using MomentumCore.Reversible;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Models;

/// <summary>The small models compute on every other device what PyTorch computes.</summary>
[TestFixture]
internal sealed class ModelDeviceTests
{
    private static readonly string[] Names =
    [
        "resnet18, small images", "transformer, all masks", "transformer, transformed, gamma 0.9", "vit, transformed",
    ];

    private static IEnumerable<TestCaseData> Cases() =>
        from node in Fixture.Cases("models.json")
        let name = (string)node!["name"]!
        where Names.Contains(name)
        from device in Device.All
        where device != Device.Cpu
        from mode in ModelCases.Modes(node)
        where mode != MemoryMode.Exact
        select new TestCaseData(node, mode, device).SetArgDisplayNames(name, mode.ToString(), device.Name);

    [TestCaseSource(nameof(Cases))]
    public void A_model_computes_on_another_device_what_it_does_in_PyTorch(
        JsonNode test, MemoryMode mode, Device device) =>
        ModelParityTests.Check(test, mode, DType.Float32, device);
}
