using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using MomentumCore.Kernels.Compiler.Rules;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.House;

/// <summary>Every rule has a page, whose wrong way breaks that rule and whose right way breaks none.</summary>
[TestFixture]
internal sealed partial class DiagnosticPageTests
{
    private static IEnumerable<string> Ids() => KernelRule.All.Select(r => r.Id);

    [TestCaseSource(nameof(Ids))]
    public void A_page_shows_the_wrong_way_and_the_right_way(string id)
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "diagnostics", $"{id}.md"));
        var rule = KernelRule.All.Single(r => r.Id == id);
        Assert.That(page, Does.StartWith($"# {id}: {rule.Title}\n"));
        // What an editor shows where no page is at hand.
        string told = rule.Description.ToString(null);
        string place = $"docs/diagnostics/{id}.md in the sources of MomentumCore.";
        Assert.That(told, Does.EndWith(place).And.Length.GreaterThan(place.Length + 60).And.Not.Contains("Wrong:"));
        Assert.That(page.ReplaceLineEndings(" "), Does.Contain(told.Split(" The wrong and the right way:")[0]));
        string[] blocks =
            [.. Block().Matches(page.ReplaceLineEndings("\n")).Select(m => Source(m.Groups["code"].Value))];
        Assert.That(blocks, Has.Length.EqualTo(2));

        // That rule is about the project.
        bool hasPointers = id != KernelRule.NoPointers.Id;
        var wrong = Analyzed.Messages(Analyzed.Compilation(blocks[0], hasPointers));
        Assert.That(wrong.Select(d => d.Id), Does.Contain(id));
        Assert.That(wrong.Where(d => d.Severity == DiagnosticSeverity.Error && d.Id != id), Is.Empty);
        Assert.That(
            Analyzed.Compilation(blocks[0]).GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error),
            Is.Empty);

        var right = Analyzed.Messages(Analyzed.Compilation(blocks[1], hasPointers));
        Assert.That(right.Where(d => d.Severity == DiagnosticSeverity.Error || d.Id == id), Is.Empty);
        Assert.That(Analyzed.CompilerErrors(blocks[1], hasPointers), Is.Empty);
    }

    [Test]
    public void The_index_lists_every_page_and_every_page_belongs_to_a_rule()
    {
        string folder = Path.Combine(Repository.Root, "docs", "diagnostics");
        string index = File.ReadAllText(Path.Combine(folder, "README.md"));
        var listed = Row().Matches(index).Select(m => m.Groups["id"].Value).ToList();
        Assert.That(listed, Is.EqualTo(Ids()));
        Assert.That(
            Directory.EnumerateFiles(folder, "MC*.md").Select(Path.GetFileNameWithoutExtension).Order(),
            Is.EqualTo(listed));
        foreach (var rule in KernelRule.All.Where(r => listed.Contains(r.Id)))
            Assert.That(index, Does.Contain($"| [{rule.Id}]({rule.Id}.md) | {rule.Title} |"));
    }

    private static string Source(string code) => code.Contains("class ", StringComparison.Ordinal)
        ? "using System;\nusing MomentumCore.Kernels.Dialect;\n" + code
        : Analyzed.Class(code);

    [GeneratedRegex(@"^```cs\n(?<code>.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^\| \[(?<id>MC\d{4})\]", RegexOptions.Multiline)]
    private static partial Regex Row();
}
