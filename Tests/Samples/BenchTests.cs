using System.Text.Json;
using MomentumCore.Samples;

namespace MomentumCore.Tests.Samples;

/// <summary>`momentum bench` and `momentum memory`: the numbers that docs and scripts rely on.</summary>
[NonParallelizable] // peak bytes are counted per device, so nothing else may compute meanwhile
public sealed class BenchTests
{
    private static readonly string[] JsonFields =
        ["workload", "mode", "device", "depth", "medianMs", "minMs", "repeats", "peakTensorBytes", "peakProcessBytes"];

    private static readonly string[] Names = ["quickstart", "rings", "memory", "wide", "resnet", "transformer"];

    [TestCaseSource(nameof(Names))]
    public void Json_has_exactly_the_documented_fields(string workload)
    {
        var run = AppRun.Of("bench", workload, "--mode", "store", "--depth", "1", "--repeat", "2", "--json");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok), run.Error);
        using var json = JsonDocument.Parse(run.Output);
        var root = json.RootElement;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(root.EnumerateObject().Select(p => p.Name), Is.EqualTo(JsonFields));
            Assert.That(root.GetProperty("workload").GetString(), Is.EqualTo(workload));
            Assert.That(root.GetProperty("mode").GetString(), Is.EqualTo("store"));
            Assert.That(root.GetProperty("device").GetString(), Is.EqualTo("cpu"));
            Assert.That(root.GetProperty("depth").GetInt32(), Is.EqualTo(1));
            Assert.That(root.GetProperty("repeats").GetInt32(), Is.EqualTo(2));
            Assert.That(
                root.GetProperty("minMs").GetDouble(),
                Is.GreaterThan(0).And.LessThanOrEqualTo(root.GetProperty("medianMs").GetDouble()));
            Assert.That(root.GetProperty("peakTensorBytes").GetInt64(), Is.GreaterThan(0));
            Assert.That(
                root.GetProperty("peakProcessBytes").GetInt64(),
                Is.GreaterThan(root.GetProperty("peakTensorBytes").GetInt64()));
        }
    }

    [Test]
    public void Recompute_does_not_grow_with_depth_where_store_does()
    {
        long storeGrowth = Peak("store", 40) - Peak("store", 10);
        long recomputeGrowth = Peak("recompute", 40) - Peak("recompute", 10);
        Assert.That(recomputeGrowth, Is.LessThan(storeGrowth / 20));

        static long Peak(string mode, int depth)
        {
            var run = AppRun.Of("bench", "rings", "--mode", mode, "--depth", $"{depth}", "--repeat", "1", "--json");
            using var json = JsonDocument.Parse(run.Output);
            return json.RootElement.GetProperty("peakTensorBytes").GetInt64();
        }
    }

    [Test]
    public void Without_json_it_is_a_table_with_units()
    {
        var run = AppRun.Of("bench", "rings", "--repeat", "1");
        Assert.That(run.Output, Does.Contain("Peak tensors").And.Match(@"rings +recompute +cpu +10 +[\d.,]+ (ms|s)"));
    }

    [Test]
    public void Comparing_measures_every_mode_and_the_peaks_are_those_that_each_has_alone()
    {
        var run = AppRun.Of("bench", "rings", "--depth", "20", "--compare", "--repeat", "3", "--json");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok), run.Error);
        using var json = JsonDocument.Parse(run.Output);
        var rows = json.RootElement.EnumerateArray().ToList();
        Assert.That(rows.Select(r => r.GetProperty("mode").GetString()), Is.EqualTo((string[])["store", "recompute", "exact"]));
        Assert.That(rows[0].GetProperty("timeRatio").GetDouble(), Is.EqualTo(1));
        foreach (var row in rows)
        {
            string mode = row.GetProperty("mode").GetString()!;
            Assert.That(
                row.GetProperty("minMs").GetDouble(), Is.GreaterThan(0).And.LessThanOrEqualTo(row.GetProperty("medianMs").GetDouble()));
            Assert.That(row.GetProperty("timeRatio").GetDouble(), Is.GreaterThan(0));
            var alone = AppRun.Of("bench", "rings", "--depth", "20", "--mode", mode, "--repeat", "3", "--json");
            using var single = JsonDocument.Parse(alone.Output);
            Assert.That(
                (double)row.GetProperty("peakTensorBytes").GetInt64() / single.RootElement.GetProperty("peakTensorBytes").GetInt64(),
                Is.EqualTo(1).Within(0.02), mode);
        }
    }

    [Test]
    public void Compared_modes_are_a_table_and_one_mode_beside_them_is_refused()
    {
        var run = AppRun.Of("bench", "rings", "--compare", "--repeat", "1");
        Assert.That(run.Output, Does.Contain("in turns").And.Match(@"recompute +[\d.,]+ ms +[\d.,]+ ms +[\d.,]+ ×"));
        Assert.That(
            AppRun.Of("bench", "rings", "--compare", "--mode", "exact").OneLineError(ExitCode.Usage),
            Does.Contain("--compare").And.Contain("without --mode"));
    }

    [TestCase("nonsense")]
    [TestCase("Wide")]
    public void An_unknown_workload_is_answered_with_those_there_are(string name)
    {
        Assert.That(
            AppRun.Of("bench", name).OneLineError(ExitCode.Usage),
            Does.Contain($"'{name}'").And.Contain("quickstart, rings, memory, wide, resnet, transformer"));
    }

    [TestCase("--mode", "exactly")]
    [TestCase("--depth", "0")]
    [TestCase("--depth", "ten")]
    [TestCase("--repeat", "0")]
    [TestCase("--repeat", "1e3")]
    [TestCase("--threads", "-1")]
    [TestCase("--device", "abacus")]
    public void A_bad_value_is_a_usage_error_that_names_option_and_value(string option, string value)
    {
        Assert.That(
            AppRun.Of("bench", "rings", option, value).OneLineError(ExitCode.Usage),
            Does.Contain(option).And.Contain($"'{value}'"));
    }

    [Test]
    public void Memory_writes_its_picture_and_tells_the_finding()
    {
        using var folder = new TemporaryFolder();
        var run = AppRun.Of("memory", "--points", "500", "--depths", "2,20", "--repeat", "1", "--out", folder.FullPath);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok), run.Error);
            Assert.That(run.Output, Does.Match(@"At depth 20 recomputing needs [\d.]+ × less memory than storing, exact"));
            Assert.That(run.Output, Does.Match(@"Depth +Parameters +Store +Recompute +Exact +Side bits"));
            Assert.That(
                File.ReadAllText(folder["depths.svg"]), Does.StartWith("<svg").And.Contain("peak tensor memory without").And.Contain("Exact"));
        }
    }

    [TestCase("5,3")]
    [TestCase("0")]
    [TestCase("")]
    [TestCase("1,,2")]
    public void Depths_must_be_rising_numbers(string depths)
    {
        Assert.That(AppRun.Of("memory", "--depths", depths).OneLineError(ExitCode.Usage), Does.Contain("--depths"));
    }

    [Test]
    public void An_interrupted_measurement_ends_with_130()
    {
        var run = AppRun.Of(["bench", "rings"], new CancellationToken(canceled: true));
        Assert.That(run.OneLineError(ExitCode.Interrupted), Does.Contain("interrupted"));
    }
}
