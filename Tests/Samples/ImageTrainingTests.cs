using System.Text;
using System.Xml.Linq;
using MomentumCore.Samples;

namespace MomentumCore.Tests.Samples;

/// <summary>`momentum train --model` on a few images made here: every source, the recipe, resuming, fine-tuning.</summary>
[NonParallelizable] // trains on all cores
public sealed class ImageTrainingTests
{
    private static readonly string[] Small = ["train", "--width", "4", "--batch-size", "8", "--seed", "3"];

    [Test]
    public void A_momentum_ResNet_learns_CIFAR_and_leaves_logs_curves_and_weights()
    {
        using var data = new TemporaryFolder();
        using var output = new TemporaryFolder();
        WriteCifar(data.FullPath);
        var run = AppRun.Of([.. Small, "--model", "mresnet18", "--data", $"cifar10:{data.FullPath}", "--epochs", "6", "--out", output.FullPath]);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok), run.Error);
        string[] rows = File.ReadAllLines(output["log.csv"]);
        double[] losses = [.. rows.Skip(1).Select(r => double.Parse(r.Split(',')[1]))];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.Output, Does.Contain("40 training and 8 test images of 10 classes").And.Contain("epoch 6/6"));
            Assert.That(rows[0], Does.StartWith("epoch,trainingLoss,trainingAccuracy,testLoss"));
            Assert.That(losses, Has.Length.EqualTo(6));
            Assert.That(losses[^1], Is.LessThan(0.7 * losses[0]), "it learned");
            Assert.That(File.ReadAllLines(output["log.jsonl"]), Has.Length.EqualTo(6).And.All.Contains("\"trainingLoss\":"));
            Assert.That(() => XDocument.Load(output["curves.svg"]), Throws.Nothing);
            Assert.That(File.Exists(output["weights.safetensors"]), Is.True);
        }
    }

    [Test]
    public void A_stopped_training_goes_on_to_the_same_bits()
    {
        using var folder = new TemporaryFolder();
        WriteCifar(folder.FullPath);
        var settings = new ImageTrainingSettings("mresnet18", $"cifar10:{folder.FullPath}") { Epochs = 3, BatchSize = 8, Width = 4 };
        float[] straight = Weights(settings, folder["straight"], stopAfter: 0);
        Assert.That(() => Weights(settings, folder["stopped"], stopAfter: 2), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Weights(settings, folder["stopped"], stopAfter: 0, resume: true), Is.EqualTo(straight));
    }

    [Test]
    public void A_trained_ResNet_is_fine_tuned_in_momentum_form_on_other_classes()
    {
        using var folder = new TemporaryFolder();
        WriteCifar(folder.FullPath);
        WritePictures(folder["pictures"]);
        var first = AppRun.Of([.. Small, "--epochs", "2", "--model", "resnet18", "--data", $"cifar10:{folder.FullPath}", "--out", folder["first"]]);
        Assert.That(first.ExitCode, Is.EqualTo(ExitCode.Ok), first.Error);
        var run = AppRun.Of([
            .. Small, "--epochs", "2", "--model", "resnet18", "--transform", "--weights", Path.Combine(folder["first"], "weights.safetensors"),
            "--data", $"folder:{folder["pictures"]}", "--out", folder["second"]]);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok), run.Error);
        Assert.That(run.Output, Does.Contain("of 3 classes").And.Contain("fc.weight").And.Not.Contain("conv1.weight"));
        var names = Safetensors.Inspect(Path.Combine(folder["second"], "weights.safetensors")).Tensors.Select(t => t.Name);
        Assert.That(names, Has.Some.Contains("layer1.1.0.network.0"));
    }

    [Test]
    public void The_bundled_digits_run_through_the_same_path()
    {
        using var folder = new TemporaryFolder();
        var run = AppRun.Of([.. Small, "--model", "mresnet18", "--data", "digits", "--limit", "32", "--epochs", "1", "--out", folder.FullPath]);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok), run.Error);
        Assert.That(run.Output, Does.Contain("32 training and 8 test images of 10 classes"));
    }

    [TestCase("--model", "alexnet", ExitCode.Usage, "mresnet152")]
    [TestCase("--data", "imagenet", ExitCode.Usage, "cifar10:PATH")]
    [TestCase("--data", "cifar10:/nowhere", ExitCode.Failed, "data_batch_1.bin")]
    [TestCase("--weights", "nowhere.pth", ExitCode.Failed, "nowhere.pth")]
    [TestCase("--transform", "true", ExitCode.Failed, "momentum layers already")]
    public void What_cannot_be_done_is_said_in_one_line(string option, string value, int exitCode, string expected)
    {
        using var folder = new TemporaryFolder();
        string[] model = option == "--model" ? [] : ["--model", "mresnet18"];
        var run = AppRun.Of([.. Small, .. model, "--epochs", "1", "--limit", "8", option, value, "--out", folder.FullPath]);
        Assert.That(run.OneLineError(exitCode), Does.Contain(expected));
    }

    private static float[] Weights(ImageTrainingSettings settings, string path, int stopAfter, bool resume = false)
    {
        using var stop = new CancellationTokenSource();
        using var data = ImageData.Load(settings.Data, 0);
        using var random = RandomSource.Use(new RandomSource((ulong)settings.Seed));
        var (model, _) = ImageModels.Make(settings, data.Classes, data.Side, null);
        using var trainer = new ImageTrainer(settings, data, model, Device.Cpu);
        if (resume)
            trainer.Restore(path, SavedTraining.Read<ImageTrainingSettings>(path).History);
        trainer.Run(
            path, _ => { },
            new DirectProgress<TrainingProgress>(p =>
            {
                if (p.Finished?.Epoch == stopAfter)
                    stop.Cancel();
            }),
            stop.Token);
        return [.. model.StateDict().Values.Where(t => t.DType == DType.Float32).SelectMany(t => t.ToArray<float>())];
    }

    /// <summary>CIFAR-10's files with eight records each; a class is a colour.</summary>
    private static void WriteCifar(string folder)
    {
        var random = new Random(1);
        foreach (string name in Enumerable.Range(1, 5).Select(i => $"data_batch_{i}").Append("test_batch"))
        {
            var file = new MemoryStream();
            for (int record = 0; record < 8; record++)
            {
                byte label = (byte)(record % 4);
                file.WriteByte(label);
                for (int i = 0; i < 3072; i++)
                    file.WriteByte((byte)((i / 1024 == label ? 200 : 40) + random.Next(40)));
            }

            File.WriteAllBytes(Path.Combine(folder, name + ".bin"), file.ToArray());
        }
    }

    /// <summary>Pictures of three classes in folders, for training and test.</summary>
    private static void WritePictures(string folder)
    {
        foreach (string part in new[] { "train", "test" })
        {
            for (int c = 0; c < 3; c++)
            {
                string path = Path.Combine(folder, part, $"class{c}");
                Directory.CreateDirectory(path);
                for (int i = 0; i < 4; i++)
                {
                    byte[] pixels = [.. Enumerable.Range(0, 16 * 16 * 3).Select(p => (byte)(p % 3 == c ? 220 - i : 30 + i))];
                    File.WriteAllBytes(Path.Combine(path, $"{i}.ppm"), [.. Encoding.ASCII.GetBytes("P6\n16 16\n255\n"), .. pixels]);
                }
            }
        }
    }
}
