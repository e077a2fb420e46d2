using System.Globalization;
using System.Text.RegularExpressions;
using MomentumCore.Samples;

namespace MomentumCore.Tests.Samples;

/// <summary>`momentum dropin`: the authors' examples, each run.</summary>
[NonParallelizable] // peak bytes are counted per device, so nothing else may compute meanwhile
public sealed partial class DropInTests
{
    private static readonly string[] Names = ["resnet", "tutorial", "transformer", "vit"];

    [TestCaseSource(nameof(Names))]
    public void An_example_keeps_the_model_at_gamma_0_and_learns_the_same_in_every_mode(string name)
    {
        var run = AppRun.Of("dropin", name, "--steps", "3", "--quiet");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok), run.Error);
        var match = Result().Match(run.Output);
        Assert.That(match.Success, Is.True, run.Output);
        double[] numbers = [.. match.Groups.Values.Skip(1).Select(g => double.Parse(g.Value, CultureInfo.InvariantCulture))];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(numbers[0], Is.LessThan(1e-4), "difference at gamma 0");
            Assert.That(numbers[2], Is.EqualTo(numbers[1]).Within(1).Percent, "Recompute learns what Store does");
            Assert.That(numbers[3], Is.EqualTo(numbers[1]).Within(1).Percent, "Exact learns what Store does");
        }
    }

    [Test]
    public void An_unknown_example_is_answered_with_those_there_are()
    {
        Assert.That(
            AppRun.Of("dropin", "alexnet").OneLineError(ExitCode.Usage),
            Does.Contain("'alexnet'").And.Contain("resnet, tutorial, transformer, vit"));
    }

    [GeneratedRegex(@"γ = 0 differs by (\S+); loss after 3 steps Store (\S+), Recompute (\S+), Exact (\S+)")]
    private static partial Regex Result();
}
