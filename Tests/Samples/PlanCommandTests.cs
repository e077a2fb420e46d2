using System.Text.Json;
using System.Text.RegularExpressions;
using MomentumCore.Samples;

namespace MomentumCore.Tests.Samples;

/// <summary>`momentum plan`: a mode for each block under a budget, and the peak that it then has.</summary>
[NonParallelizable] // peak bytes are counted per device, so nothing else may compute meanwhile
public sealed class PlanCommandTests
{
    [TestCase("transformer", 4)]
    [TestCase("resnet", 2)]
    public void Under_every_budget_the_measured_peak_fits_and_is_near_the_prediction(string model, int depth)
    {
        var fastest = Plan(model, depth);
        long least = fastest.GetProperty("leastPeakBytes").GetInt64();
        Assert.That(fastest.GetProperty("budgetBytes").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(fastest.GetProperty("predictedPeakBytes").GetInt64(), Is.GreaterThanOrEqualTo(least));
        // Room for a few bytes by which one measuring differs from another.
        foreach (long budget in new[] { least + 4096, 5 * least / 4, 10 * least })
        {
            var plan = Plan(model, depth, "--budget", $"{budget}B");
            long predicted = plan.GetProperty("predictedPeakBytes").GetInt64();
            long measured = plan.GetProperty("measuredPeakBytes").GetInt64();
            TestContext.Out.WriteLine($"{model} {budget:N0}: predicted {predicted:N0}, measured {measured:N0}");
            using (Assert.EnterMultipleScope())
            {
                Assert.That(plan.GetProperty("budgetBytes").GetInt64(), Is.EqualTo(budget));
                Assert.That(measured, Is.LessThanOrEqualTo(budget));
                Assert.That(measured, Is.EqualTo(predicted).Within(10).Percent);
                foreach (var block in plan.GetProperty("blocks").EnumerateArray())
                {
                    Assert.That(
                        block.GetProperty("costs").EnumerateObject().Select(c => c.Name),
                        Is.EqualTo(new[] { "store", "recompute", "exact" }));
                    Assert.That(block.GetProperty("layers").GetInt32(), Is.EqualTo(depth));
                    Assert.That(block.GetProperty("mode").GetString(), Is.AnyOf("store", "recompute", "exact"));
                }
            }
        }
    }

    [Test]
    public void It_prints_a_plain_table_with_one_mode_of_each_block_marked_and_the_measured_peak()
    {
        var run = AppRun.Of("plan", "--model", "transformer", "--depth", "2", "--budget", "1GB");
        string[] lines = run.Output.Split('\n');
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok), run.Error);
            Assert.That(run.Output, Does.Not.Contain("\u001b").And.Match("Block +Mode +Chosen +Kept +Peak +Time"));
            Assert.That(lines.Count(l => l.Contains("<-", StringComparison.Ordinal)), Is.EqualTo(2), run.Output);
            Assert.That(lines.Count(l => Regex.IsMatch(l, @"\b(store|recompute|exact) .*[KM]iB .*s\b")), Is.EqualTo(6));
            Assert.That(run.Output, Does.Match(@"Peak: predicted [\d.]+ MiB, measured [\d.]+ MiB \(budget 954 MiB; the most"));
        }
    }

    [Test]
    public void Quietly_it_prints_the_result_alone() => Assert.That(
        AppRun.Of("plan", "--model", "transformer", "--depth", "1", "-q").Output,
        Does.StartWith("Peak: predicted").And.Contain("no budget"));

    [Test]
    public void Where_nothing_fits_it_fails_and_says_what_is_needed() => Assert.That(
        AppRun.Of("plan", "--model", "transformer", "--depth", "1", "--budget", "10KB").OneLineError(ExitCode.Failed),
        Does.Contain("within 10,000 bytes").And.Contain("the most frugal needs about"));

    [TestCase("--budget", "0")]
    [TestCase("--budget", "-5MB")]
    [TestCase("--budget", "200XB")]
    [TestCase("--budget", "MB")]
    [TestCase("--budget", "1e9")]
    [TestCase("--model", "perceptron")]
    [TestCase("--depth", "0")]
    public void A_value_that_cannot_be_is_a_usage_error(string option, string value) => Assert.That(
        AppRun.Of("plan", option, value).OneLineError(ExitCode.Usage), Does.Contain(option).And.Contain($"'{value}'"));

    private static JsonElement Plan(string model, int depth, params string[] more)
    {
        var run = AppRun.Of(["plan", "--model", model, "--depth", $"{depth}", "--json", .. more]);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok), run.Error);
        using var json = JsonDocument.Parse(run.Output);
        return json.RootElement.Clone();
    }
}
