using System.Text.RegularExpressions;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.House;

/// <summary>The programs of one file in docs/tutorials run, and stay as short as they say.</summary>
[TestFixture]
internal sealed partial class TutorialTests
{
    private static string Folder => Path.Combine(Repository.Root, "docs", "tutorials");

    [Test]
    public void Own_kernel_runs_and_passes_its_own_check()
    {
        string text = File.ReadAllText(Path.Combine(Folder, "own-kernel.cs"));
        // What dotnet run reads before the compiler does; it names projects that exist.
        string program = Directive().Replace(text, "");
        foreach (string project in Directive().Matches(text).Select(m => m.Groups["project"].Value).Where(p => p.Length > 0))
            Assert.That(Directory.EnumerateFiles(Path.Combine(Folder, project), "*.csproj"), Is.Not.Empty);

        string printed = CompiledProgram.RunAlone(program, "own-kernel.cs");

        // None of the tests' switches is set there: naming the emulator has to be enough.
        Assert.That(printed, Does.Contain("emulator"));
        Assert.That(printed, Does.Contain("the derivative agrees with central differences"));
        Assert.That(printed, Does.Contain("the same bits").And.Contain("gradient of the first weight: [8, 2]"));
        Assert.That(text.Split('\n'), Has.Length.LessThan(40));
    }

    [Test]
    public void A_check_after_kernels_ran_without_checks_says_that_the_emulator_was_left_out()
    {
        string printed = CompiledProgram.RunAlone(
            """
            using MomentumCore.Engine;
            var before = Tensor.Ones([3]).Tanh();
            Console.WriteLine(Kernel.Check(t => t[0].Tanh()));
            """,
            "late.cs");

        Assert.That(printed, Does.Contain("The emulator was left out").And.Contain("Device.Emulator"));
    }

    [GeneratedRegex(@"^#[!:](project (?<project>\S+))?.*$", RegexOptions.Multiline)]
    private static partial Regex Directive();
}
