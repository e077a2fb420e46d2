using MomentumCore.Samples;

namespace MomentumCore.Tests.Samples;

/// <summary>A training on images that was stopped goes on to the very files of one that ran through, or says why not.</summary>
[NonParallelizable] // trains on all cores
internal sealed class ImageResumeTests
{
    [Test]
    public void A_stopped_training_goes_on_to_the_same_bits()
    {
        using var folder = new TemporaryFolder();
        MadeImages.Cifar10(folder.FullPath);
        var settings = new ImageTrainingSettings("mresnet18", $"cifar10:{folder.FullPath}") { Epochs = 3, BatchSize = 8, Width = 4 };
        float[] straight = Weights(settings, folder["straight"], stopAfter: 0);
        Assert.That(() => Weights(settings, folder["stopped"], stopAfter: 2), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Weights(settings, folder["stopped"], stopAfter: 0, resume: true), Is.EqualTo(straight));
        Assert.That(
            () => Weights(settings, folder["midway"], stopAfter: 2, stopAtBatch: 3),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(SavedTraining<ImageTrainingSettings>.Read(folder["midway"]).History, Has.Count.EqualTo(1));
        Assert.That(Weights(settings, folder["midway"], stopAfter: 0, resume: true), Is.EqualTo(straight));
        var log = Log("straight");
        Assert.That(log, Has.Count.EqualTo(3));
        Assert.That(Log("stopped"), Is.EqualTo(log));
        Assert.That(Log("midway"), Is.EqualTo(log));

        // What log.csv and log.jsonl are written from, without what depends on the time.
        List<EpochResult> Log(string name) =>
            [.. SavedTraining<ImageTrainingSettings>.Read(folder[name]).History
                .Select(e => e with { Seconds = 0, ImagesPerSecond = 0 })];
    }

    [Test]
    public void What_a_resumed_training_may_not_change_is_named_as_on_the_command_line()
    {
        var made = new ImageTrainingSettings("mresnet18", "digits") { Epochs = 2, Limit = 8, LearningRate = 0.02, LearnedVelocity = true };
        var asked = made with { Epochs = 5, LearningRate = 0.5, Limit = 0, Stem = "cifar", LearnedVelocity = false };
        Assert.That(asked.Differences(made), Is.EqualTo(new[]
        {
            "with --epochs 2, not 5", "with --lr 0.02, not 0.5", "with --learned-velocity", "with --limit 8", "without --stem",
        }));
        using var folder = new TemporaryFolder();
        string[] args = [.. ImageTrainingTests.Small, "--model", "mresnet18", "--limit", "8", "--epochs", "1", "--out", folder.FullPath];
        Assert.That(AppRun.Of(args).ExitCode, Is.EqualTo(ExitCode.Ok));
        Assert.That(
            AppRun.Of("train", "--model", "mresnet18", "--resume", "--epochs", "5", "--out", folder.FullPath).OneLineError(ExitCode.Usage),
            Does.Contain("the checkpoint was made with --epochs 1, not 5, and goes on as it was made"));
    }

    [TestCase("cifar10")]
    [TestCase("cifar100")]
    [TestCase("folder")]
    [TestCase("digits")]
    public void A_resumed_command_leaves_the_files_of_one_that_ran_through(string source)
    {
        using var folder = new TemporaryFolder();
        MadeImages.Cifar10(folder["cifar10"]);
        MadeImages.Cifar100(folder["cifar100"]);
        MadeImages.PicturesOfManyKinds(folder["folder"]);
        string[] args =
        [
            .. ImageTrainingTests.Small, "--model", "mresnet18", "--epochs", "2", "--limit", "24",
            "--data", source == "digits" ? source : $"{source}:{folder[source]}",
            .. source == "folder" ? ["--image-size", "16"] : Array.Empty<string>(),
        ];
        var through = AppRun.Of([.. args, "--out", folder["through"]]);
        Assert.That(through.ExitCode, Is.EqualTo(ExitCode.Ok), through.Error);
        AppRun.Until("epoch 1/2", [.. args, "--out", folder["stopped"]]).OneLineError(ExitCode.Interrupted);
        Assert.That(File.ReadAllLines(Path.Combine(folder["stopped"], "log.csv")), Has.Length.EqualTo(2), "it was stopped");
        var resumed = AppRun.Of("train", "--model", "mresnet18", "--resume", "--out", folder["stopped"]);
        Assert.That(resumed.ExitCode, Is.EqualTo(ExitCode.Ok), resumed.Error);
        foreach (string name in new[] { "weights.safetensors", "curves.svg" })
            Assert.That(File.ReadAllBytes(Path.Combine(folder["stopped"], name)), Is.EqualTo(File.ReadAllBytes(Path.Combine(folder["through"], name))), name);
        Assert.That(Log("stopped"), Is.EqualTo(Log("through")).And.Length.EqualTo(5));

        // Both logs without the times.
        string[] Log(string run) =>
        [
            .. File.ReadAllLines(Path.Combine(folder[run], "log.csv")).Select(l => string.Join(',', l.Split(',')[..6])),
            .. File.ReadAllLines(Path.Combine(folder[run], "log.jsonl")).Select(l => l[..l.IndexOf("\"seconds\"", StringComparison.Ordinal)]),
        ];
    }

    [TestCase("a picture changed", "are not those")]
    [TestCase("the test set has another order", "are not those")]
    [TestCase("a class changed its name", null)]
    [TestCase("an older version took others", "older version")]
    public void A_training_goes_on_with_the_same_images_or_not_at_all(string change, string? refusal)
    {
        using var folder = new TemporaryFolder();
        MadeImages.Pictures(folder["pictures"]);
        string[] args =
        [
            .. ImageTrainingTests.Small, "--model", "resnet18", "--data", $"folder:{folder["pictures"]}", "--limit", "6", "--epochs", "2",
            "--out", folder["out"],
        ];
        Assert.That(
            AppRun.Until("epoch 1/2", args).OneLineError(ExitCode.Interrupted),
            Does.EndWith($"the checkpoint of epoch 1 of 2 is kept. Go on with: momentum train --model resnet18 --resume --out {folder["out"]}"));
        string checkpoint = Path.Combine(folder["out"], "checkpoint.safetensors");
        byte[] before = File.ReadAllBytes(checkpoint);

        switch (change)
        {
            case "a picture changed":
                // One that the limit takes, by one bit.
                foreach (string file in Directory.GetFiles(Path.Combine(folder["pictures"], "train", "class1")))
                {
                    byte[] picture = File.ReadAllBytes(file);
                    picture[^1] ^= 1;
                    File.WriteAllBytes(file, picture);
                }

                break;
            case "the test set has another order":
                string test = Path.Combine(folder["pictures"], "test", "class0");
                File.Move(Path.Combine(test, "1.ppm"), Path.Combine(test, "9.ppm"));
                File.Move(Path.Combine(test, "3.ppm"), Path.Combine(test, "1.ppm"));
                break;
            case "a class changed its name":
                foreach (string part in new[] { "train", "test" })
                    Directory.Move(Path.Combine(folder["pictures"], part, "class2"), Path.Combine(folder["pictures"], part, "class3"));
                break;
            default:
                using (var file = Safetensors.Load(checkpoint))
                {
                    var metadata = file.Metadata.Where(m => m.Key != "images").ToDictionary(m => m.Key, m => m.Value);
                    Assert.That(metadata, Has.Count.EqualTo(file.Metadata.Count - 1));
                    Safetensors.Save(checkpoint, file, metadata);
                }

                before = File.ReadAllBytes(checkpoint);
                break;
        }

        var run = AppRun.Of([.. args, "--resume"]);
        if (refusal == null)
        {
            Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok), run.Error);
            return;
        }

        Assert.That(run.OneLineError(ExitCode.Failed), Does.Contain(refusal).And.Contain("start afresh"));
        Assert.That(File.ReadAllBytes(checkpoint), Is.EqualTo(before));
    }

    [Test]
    public void A_checkpoint_of_an_older_version_without_a_limit_goes_on()
    {
        using var folder = new TemporaryFolder();
        MadeImages.Cifar10(folder.FullPath);
        var settings = new ImageTrainingSettings("mresnet18", $"cifar10:{folder.FullPath}") { Epochs = 2, BatchSize = 8, Width = 4 };
        float[] straight = Weights(settings, folder["straight"], stopAfter: 0);
        Assert.That(() => Weights(settings, folder["old"], stopAfter: 1), Throws.InstanceOf<OperationCanceledException>());
        using (var file = Safetensors.Load(folder["old"]))
            Safetensors.Save(folder["old"], file, file.Metadata.Where(m => m.Key != "images").ToDictionary(m => m.Key, m => m.Value));
        Assert.That(Weights(settings, folder["old"], stopAfter: 0, resume: true), Is.EqualTo(straight));
    }

    /// <summary>The weights after a training, which is stopped after an epoch or batch, or goes on.</summary>
    internal static float[] Weights(ImageTrainingSettings settings, string path, int stopAfter, int stopAtBatch = 0, bool resume = false)
    {
        using var stop = new CancellationTokenSource();
        using var data = ImageData.Load(settings.Data, 0);
        using var random = RandomSource.Use(new RandomSource((ulong)settings.Seed));
        var (model, _) = ImageModels.Make(settings, data.Classes, null);
        using var trainer = ImageTraining.MakeTrainer(settings, data, model, Device.Cpu, path);
        if (resume)
            trainer.Restore(SavedTraining<ImageTrainingSettings>.Read(path));
        trainer.Run(
            new DirectProgress<TrainingProgress>(p =>
            {
                if (stopAtBatch == 0 ? p.Finished?.Epoch == stopAfter : (p.Epoch, p.Batch) == (stopAfter, stopAtBatch))
                    stop.Cancel();
            }),
            stop.Token);
        return [.. model.StateDict().Values.Where(t => t.DType == DType.Float32).SelectMany(t => t.ToArray<float>())];
    }
}
