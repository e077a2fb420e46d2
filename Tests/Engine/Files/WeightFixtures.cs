using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace MomentumCore.Tests.Engine.Files;

/// <summary>The small files that PyTorch and NumPy wrote, and what make_weight_fixtures.py says is in them.</summary>
internal static class WeightFixtures
{
    private static readonly JsonObject Expected = JsonNode.Parse(File.ReadAllText(InFixtures("weights.json")))!.AsObject();

    public static string PathOf(string name) => InFixtures(Path.Combine("weights", name));

    public static IEnumerable<string> Names(string extension) =>
        Expected.Select(f => f.Key).Where(f => f.EndsWith(extension, StringComparison.Ordinal));

    public static IEnumerable<string> AllFiles() => Directory.GetFiles(InFixtures("weights")).Order();

    /// <summary>Names, types, shapes and bits are those that were saved.</summary>
    public static void AssertHolds(string name, IReadOnlyDictionary<string, Tensor> tensors)
    {
        var expected = Expected[name]!.AsObject();
        Assert.That(tensors.Keys, Is.EqualTo(expected.Select(t => t.Key)));
        foreach (var (key, value) in expected)
        {
            Assert.That(tensors[key].DType.ToString(), Is.EqualTo((string)value!["type"]!).IgnoreCase, key);
            Assert.That(tensors[key].Shape, Is.EqualTo(value["shape"]!.AsArray().Select(s => (int)s!)), key);
            Assert.That(Bits(tensors[key]), Is.EqualTo((string)value["bits"]!), key);
        }
    }

    public static string Bits(Tensor tensor) => Convert.ToHexStringLower(tensor.DType switch
    {
        DType.Float32 => MemoryMarshal.AsBytes(tensor.ToArray<float>().AsSpan()),
        DType.Float64 => MemoryMarshal.AsBytes(tensor.ToArray<double>().AsSpan()),
        DType.Int32 => MemoryMarshal.AsBytes(tensor.ToArray<int>().AsSpan()),
        DType.Int64 => MemoryMarshal.AsBytes(tensor.ToArray<long>().AsSpan()),
        DType.Float16 => MemoryMarshal.AsBytes(tensor.ToArray<Half>().AsSpan()),
        _ => MemoryMarshal.AsBytes(tensor.ToArray<BFloat16>().AsSpan()),
    });

    private static string InFixtures(string name) => Path.Combine(TestContext.CurrentContext.TestDirectory, "Fixtures", name);
}
