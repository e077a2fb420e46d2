using System.Xml.Linq;
using MomentumCore.Samples;

namespace MomentumCore.Tests.Samples;

/// <summary>`momentum rings` and `momentum dynamics`: they learn what they claim, and draw it.</summary>
public sealed class PictureCommandTests
{
    [Test]
    public void Rings_are_separated_and_every_layer_is_drawn()
    {
        using var folder = new TemporaryFolder();
        var run = AppRun.Of("rings", "--out", folder.FullPath);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok), run.Error);
        double accuracy = double.Parse(run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1].Split(' ')[0]);
        string[] captions = Texts(folder["rings.svg"]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(accuracy, Is.GreaterThan(99));
            Assert.That(captions, Does.Contain("input").And.Contain("after layer 10"));
        }
    }

    [Test]
    public void The_same_seed_draws_the_same_picture_on_one_thread_and_on_three()
    {
        using var folder = new TemporaryFolder();
        string one = Draw("1");
        Assert.That(Draw("3"), Is.EqualTo(one));

        string Draw(string threads)
        {
            var run = AppRun.Of("rings", "--steps", "3", "--threads", threads, "--out", folder[threads], "--quiet");
            Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok), run.Error);
            return File.ReadAllText(Path.Combine(folder[threads], "rings.svg"));
        }
    }

    [Test]
    public void Momentum_learns_minus_x_cubed_and_the_residual_network_does_not()
    {
        using var folder = new TemporaryFolder();
        var run = AppRun.Of("dynamics", "--quiet", "--out", folder.FullPath);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok), run.Error);
        var errors = System.Text.RegularExpressions.Regex.Match(
            run.Output, @"momentum network ([\d.]+), residual network ([\d.]+);");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.Output.Trim().Split('\n'), Has.Length.EqualTo(1), "--quiet prints the result line only");
            Assert.That(double.Parse(errors.Groups[1].Value), Is.LessThan(0.01));
            Assert.That(double.Parse(errors.Groups[2].Value), Is.GreaterThan(0.1));
            Assert.That(
                Texts(folder["dynamics.svg"]), Does.Contain("Momentum network").And.Contain("Residual network"));
        }
    }

    [Test]
    public void A_learning_rate_that_blows_up_is_one_line_that_says_what_to_do()
    {
        using var folder = new TemporaryFolder();
        string line = AppRun.Of("dynamics", "--lr", "1e30", "--out", folder.FullPath).OneLineError(ExitCode.Failed);
        Assert.That(line, Does.Contain("loss became").And.Contain("--lr"));
        Assert.That(Directory.GetFiles(folder.FullPath), Is.Empty);
    }

    [TestCase("rings")]
    [TestCase("dynamics")]
    [TestCase("memory")]
    public void A_file_where_the_folder_should_be_is_refused_before_any_work(string command)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["taken"], "a file");
        Assert.That(
            AppRun.Of(command, "--out", folder["taken"]).OneLineError(ExitCode.Failed),
            Does.Contain("--out").And.Contain("taken"));
    }

    private static string[] Texts(string path) =>
        [.. XDocument.Load(path).Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value)];
}
