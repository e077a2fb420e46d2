using MomentumCore.Samples;

namespace MomentumCore.Tests.Samples;

/// <summary>The command line: what is understood, what is refused, and how.</summary>
[NonParallelizable] // one test sets an environment variable
public sealed class CommandLineTests
{
    private static readonly string[] Commands = ["train", "rings", "dynamics", "memory", "plan", "bench", "devices", "inspect"];

    [TestCaseSource(nameof(Commands))]
    public void Every_command_explains_itself_with_examples_and_exit_codes(string command)
    {
        var run = AppRun.Of(command, "--help");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok));
            Assert.That(
                run.Output, Does.Contain("Usage:").And.Contain($"Examples:{Environment.NewLine}  momentum {command}"));
            Assert.That(run.Output, Does.Contain("Exit codes:").And.Contain("130"));
            Assert.That(run.Error, Is.Empty);
        }
    }

    [Test]
    public void The_help_of_the_app_lists_every_command()
    {
        var run = AppRun.Of("--help");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok));
        foreach (string command in Commands)
            Assert.That(run.Output, Does.Match($@"\n  {command}\b"));
    }

    [Test]
    public void No_help_line_is_wider_than_a_page()
    {
        foreach (string[] args in Commands.Select(c => new[] { c, "--help" }).Append(["--help"]))
        {
            foreach (string line in AppRun.Of(args).Output.Split('\n'))
                Assert.That(line.TrimEnd(), Has.Length.LessThanOrEqualTo(110), string.Join(' ', args));
        }
    }

    [Test]
    public void The_version_is_that_of_the_library()
    {
        var run = AppRun.Of("--version");
        Assert.That(run.Output, Does.Match(@"^\d+\.\d+\.\d+"));
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok));
    }

    [Test]
    public void An_unknown_command_is_a_usage_error_that_names_it()
    {
        string line = AppRun.Of("nonsense").OneLineError(ExitCode.Usage);
        Assert.That(line, Does.Contain("'nonsense'").And.Contain("--help"));
    }

    [TestCase("device", "devices")]
    [TestCase("trian", "train")]
    [TestCase("bensh", "bench")]
    public void A_misspelt_command_is_answered_with_the_nearest_one(string got, string meant)
    {
        Assert.That(AppRun.Of(got).OneLineError(ExitCode.Usage), Does.Contain($"did you mean '{meant}'?"));
    }

    [Test]
    public void An_argument_too_many_is_a_usage_error()
    {
        Assert.That(AppRun.Of("devices", "extra").OneLineError(ExitCode.Usage), Does.Contain("'extra'"));
    }

    [TestCase("", "train")]
    [TestCase("--epochs 2", "train --epochs 2")]
    [TestCase("-q", "train -q")]
    [TestCase("--help", "--help")]
    [TestCase("--version", "--version")]
    [TestCase("rings --seed 2", "rings --seed 2")]
    public void Without_a_command_it_trains(string got, string meant)
    {
        string[] args = got.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(string.Join(' ', MomentumApp.WithDefaultCommand(args)), Is.EqualTo(meant));
    }

    [Test]
    public void A_stack_trace_shows_only_when_it_is_asked_for()
    {
        Assert.That(AppRun.Of("inspect", "no-such-file").Error, Does.Not.Contain("   at "));
        Environment.SetEnvironmentVariable("MOMENTUM_DEBUG", "1");
        try
        {
            Assert.That(AppRun.Of("inspect", "no-such-file").Error, Does.StartWith("momentum: ").And.Contain("   at "));
        }
        finally
        {
            Environment.SetEnvironmentVariable("MOMENTUM_DEBUG", null);
        }
    }

    [Test]
    public void Devices_lists_the_cpu_first()
    {
        var run = AppRun.Of("devices");
        string[] lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines[1], Does.StartWith("cpu "));
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok));
    }
}
