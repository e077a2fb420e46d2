using System.Text.RegularExpressions;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.House;

/// <summary>Docs run: every C# block is compiled and executed, and a text block after it is what it prints.</summary>
[TestFixture]
internal sealed partial class DocumentationTests
{
    private static IEnumerable<TestCaseData> Pages() =>
        Repository.Files("*.md").Where(f => File.ReadAllText(f).Contains("```csharp", StringComparison.Ordinal))
            .Select(f => new TestCaseData(f).SetArgDisplayNames(Repository.Relative(f)));

    private static IEnumerable<TestCaseData> LinkingPages() =>
        Repository.Files("*.md").Select(f => new TestCaseData(f).SetArgDisplayNames(Repository.Relative(f)));

    [TestCaseSource(nameof(Pages))]
    [NonParallelizable] // the page's program writes to the console
    public void Every_code_block_runs_and_prints_what_the_page_says(string page)
    {
        // The blocks of a page are one program, so that a tutorial can go on from block to block.
        var blocks = Block().Matches(File.ReadAllText(page));
        string program = string.Join(
            "\n", blocks.Where(b => b.Groups["language"].Value == "csharp").Select(b => b.Groups["code"].Value));
        string expected = string.Concat(
            blocks.Where(b => b.Groups["language"].Value == "text").Select(b => b.Groups["code"].Value));

        string printed = CompiledProgram.Run(program, Repository.Relative(page));

        if (expected.Length > 0)
            Assert.That(Lines(printed), Is.EqualTo(Lines(expected)));
    }

    [TestCaseSource(nameof(LinkingPages))]
    public void Every_link_to_a_file_leads_to_one(string page)
    {
        string folder = Path.GetDirectoryName(page)!;
        var broken = Link().Matches(File.ReadAllText(page)).Select(m => m.Groups["target"].Value)
            .Where(target => !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith('#'))
            .Select(target => target.Split('#')[0])
            .Where(target => !Path.Exists(Path.Combine(folder, target)));
        Assert.That(broken, Is.Empty);
    }

    private static string[] Lines(string text) =>
        [.. text.ReplaceLineEndings("\n").Trim().Split('\n').Select(l => l.TrimEnd())];

    [GeneratedRegex(@"^```(?<language>\w+)\n(?<code>.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();
}
