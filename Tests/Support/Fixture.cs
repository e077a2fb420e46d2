using System.Text.Json.Nodes;

namespace MomentumCore.Tests.Support;

/// <summary>Reads what the scripts in Tests/Fixtures wrote.</summary>
internal static class Fixture
{
    public static JsonArray Cases(string file) => Read(file).AsArray();

    public static JsonNode Read(string file) => JsonNode.Parse(
        File.ReadAllText(Path.Combine(TestContext.CurrentContext.TestDirectory, "Fixtures", file)))!;

    public static double[] Numbers(this JsonNode node) => [.. node.AsArray().Select(n => n!.GetValue<double>())];

    /// <summary>A setting of a case, or what holds without it.</summary>
    public static double Option(this JsonNode options, string name, double otherwise) =>
        options[name]?.GetValue<double>() ?? otherwise;

    public static bool Flag(this JsonNode options, string name) => options[name]?.GetValue<bool>() ?? false;
}
