using MomentumCore.Samples;

namespace MomentumCore.Tests.Samples;

/// <summary>What --resume goes on with is the training that was asked for, and no advice loses another one.</summary>
[TestFixture]
[NonParallelizable] // trains on all cores
internal sealed class ResumeTests
{
    private static readonly string[] Images =
    [
        "train", "--model", "resnet18", "--data", "digits", "--width", "2", "--limit", "16", "--batch-size", "8", "--epochs", "1",
    ];

    private static readonly string[] Digits =
        ["train", "--limit", "32", "--batch-size", "32", "--depth", "1", "--compare", "1", "--epochs", "1"];

    [Test]
    public void A_start_in_the_folder_of_an_earlier_training_that_is_stopped_at_once_does_not_resume_that_one()
    {
        using var folder = new TemporaryFolder();
        foreach (string[] args in new[] { Images, Digits })
        {
            string path = folder[args[1]], checkpoint = Path.Combine(path, "checkpoint.safetensors");
            string[] model = args == Images ? ["--model", "resnet18"] : [];
            Assert.That(AppRun.Of([.. args, "--out", path]).ExitCode, Is.EqualTo(ExitCode.Ok));
            byte[] earlier = File.ReadAllBytes(checkpoint);

            var stopped = AppRun.Of([.. args, "--seed", "9", "--out", path], new CancellationToken(canceled: true));
            Assert.That(stopped.OneLineError(ExitCode.Interrupted), Does.Not.Contain("Go on with"));
            Assert.That(
                AppRun.Of(["train", .. model, "--resume", "--out", path]).OneLineError(ExitCode.Failed),
                Does.Contain("there is no checkpoint"));
            Assert.That(stopped.Output, Does.Contain("is now checkpoint.before.safetensors"));
            Assert.That(File.ReadAllBytes(Path.Combine(path, "checkpoint.before.safetensors")), Is.EqualTo(earlier));
        }
    }

    [Test]
    public void A_checkpoint_of_the_other_kind_of_training_is_known_and_how_it_goes_on_is_said()
    {
        using var folder = new TemporaryFolder();
        Assert.That(AppRun.Of([.. Images, "--out", folder["images"]]).ExitCode, Is.EqualTo(ExitCode.Ok));
        Assert.That(AppRun.Of([.. Digits, "--out", folder["digits"]]).ExitCode, Is.EqualTo(ExitCode.Ok));
        Assert.That(
            AppRun.Of("train", "--resume", "--out", folder["images"]).OneLineError(ExitCode.Usage),
            Does.Contain("add --model resnet18").And.Not.Contain("afresh"));
        Assert.That(
            AppRun.Of("train", "--resume", "--model", "resnet18", "--out", folder["digits"]).OneLineError(ExitCode.Usage),
            Does.Contain("leave --model out").And.Not.Contain("afresh"));
    }

    [Test]
    public void Resuming_what_is_finished_writes_its_logs_again_and_takes_no_weights()
    {
        using var folder = new TemporaryFolder();
        Assert.That(AppRun.Of([.. Images, "--out", folder.FullPath]).ExitCode, Is.EqualTo(ExitCode.Ok));
        var names = ImageTraining.AllNames.Where(n => n is not ("weights.safetensors" or "checkpoint.safetensors"));
        var written = names.ToDictionary(n => n, n => File.ReadAllText(folder[n]));
        foreach (string name in names)
            File.Delete(folder[name]);
        string[] resume = ["train", "--model", "resnet18", "--resume", "--out", folder.FullPath];

        Assert.That(AppRun.Of(resume).ExitCode, Is.EqualTo(ExitCode.Ok));
        foreach (string name in names)
            Assert.That(File.ReadAllText(folder[name]), Is.EqualTo(written[name]), name);
        Assert.That(
            AppRun.Of([.. resume, "--weights", "x.pth"]).OneLineError(ExitCode.Usage), Does.Contain("leave --weights out"));
    }

    [Test]
    public void A_folder_that_is_not_there_is_not_made_to_resume_in()
    {
        using var folder = new TemporaryFolder();
        Assert.That(
            AppRun.Of("train", "--resume", "--out", folder["none"]).OneLineError(ExitCode.Failed), Does.Contain("there is no folder"));
        Assert.That(Directory.Exists(folder["none"]), Is.False);
    }
}
