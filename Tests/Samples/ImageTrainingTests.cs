using System.Xml.Linq;
using MomentumCore.Layers;
using MomentumCore.Samples;

namespace MomentumCore.Tests.Samples;

/// <summary>`momentum train --model` on a few images made here: every source, fine-tuning, what cannot be done.</summary>
[NonParallelizable] // trains on all cores
public sealed class ImageTrainingTests
{
    internal static readonly string[] Small = ["train", "--width", "4", "--batch-size", "8", "--seed", "3"];

    [Test]
    public void A_momentum_ResNet_learns_CIFAR_and_leaves_logs_curves_and_weights()
    {
        using var data = new TemporaryFolder();
        using var output = new TemporaryFolder();
        MadeImages.Cifar10(data.FullPath);
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
    public void Cifar_100_and_pictures_of_several_sizes_run_through_the_same_path()
    {
        using var folder = new TemporaryFolder();
        MadeImages.Cifar100(folder["cifar"]);
        var run = AppRun.Of([
            .. Small, "--model", "mresnet18", "--learned-velocity", "--data", $"cifar100:{folder["cifar"]}", "--epochs", "1",
            "--out", folder["hundred"]]);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok), run.Error);
        Assert.That(run.Output, Does.Contain("16 training and 8 test images of 100 classes"));

        MadeImages.Pictures(folder["pictures"], sizes: [12, 16, 20]);
        string[] pictures = [.. Small, "--model", "resnet18", "--data", $"folder:{folder["pictures"]}", "--epochs", "1", "--out", folder["sizes"]];
        Assert.That(
            AppRun.Of(pictures).OneLineError(ExitCode.Failed), Does.Contain("16 × 16 pixels").And.Contain("--image-size"));
        run = AppRun.Of([.. pictures, "--image-size", "12"]);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok), run.Error);
        Assert.That(
            AppRun.Of([.. Small, "--model", "resnet18", "--data", "digits", "--image-size", "12"]).OneLineError(ExitCode.Usage),
            Does.Contain("goes with --data folder:PATH"));
    }

    [TestCase(3, 1)]
    [TestCase(6, 2)]
    public void A_limit_takes_the_same_share_of_each_class_of_a_folder(int limit, int ofEach)
    {
        using var folder = new TemporaryFolder();
        MadeImages.Pictures(folder.FullPath);
        using var data = ImageData.Load($"folder:{folder.FullPath}", limit);
        using var scope = TensorScope.Begin();
        long[] training = [.. data.TrainingBatches(1, 4, 1, Device.Cpu, default).SelectMany(b => b.Labels.ToArray<long>())];
        long[] test = [.. data.TestBatches(4, Device.Cpu, default).SelectMany(b => b.Labels.ToArray<long>())];
        long[] expected = [.. Enumerable.Range(0, 3).SelectMany(c => Enumerable.Repeat((long)c, ofEach))];
        Assert.That(training.Order(), Is.EqualTo(expected));
        Assert.That(test.Order(), Is.EqualTo(expected));
    }

    [Test]
    public void A_trained_ResNet_is_fine_tuned_in_momentum_form_on_other_classes()
    {
        using var folder = new TemporaryFolder();
        MadeImages.Cifar10(folder.FullPath);
        MadeImages.Pictures(folder["pictures"]);
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
    public void A_folder_that_is_no_set_of_classes_is_refused_with_what_is_wanted()
    {
        using var folder = new TemporaryFolder();
        string pictures = folder["my pictures"];
        MadeImages.Pictures(pictures);
        Refused(folder["nowhere"], "there is no folder");
        Refused(Path.Combine(pictures, "train"), "holds no folder 'train'; wanted is train/CLASS/*.png");
        Assert.That(Error(ExitCode.Usage, pictures), Does.EndWith($"Pictures: folder:{pictures}"));
        for (int i = 0; i < 7; i++)
            Copy("class0", $"train/extra{i}");
        Copy("class0", "test/other");
        Refused(pictures, "only for training 'extra0', 'extra1', 'extra2', 'extra3', 'extra4' and 2 more; only for the test 'other'");
        foreach (string path in Directory.GetDirectories(pictures, "*", SearchOption.AllDirectories))
        {
            if (Path.GetFileName(path) is not ("train" or "test" or "class0"))
                Directory.Delete(path, recursive: true);
        }

        Refused(pictures, "holds one class, 'class0'");
        Directory.Delete(Path.Combine(pictures, "test"), recursive: true);
        Refused(pictures, "holds no folder 'test' or 'val'");

        void Refused(string path, string problem) => Assert.That(Error(ExitCode.Failed, $"folder:{path}"), Does.Contain(problem));

        string Error(int exitCode, string data) =>
            AppRun.Of([.. Small, "--model", "resnet18", "--data", data, "--out", folder["out"]]).OneLineError(exitCode);

        void Copy(string from, string to)
        {
            Directory.CreateDirectory(Path.Combine(pictures, to));
            File.Copy(Path.Combine(pictures, "train", from, "0.ppm"), Path.Combine(pictures, to, "0.ppm"));
        }
    }

    [TestCase("8", "", 2)]
    [TestCase("9", "", 0)]
    [TestCase("8", "imagenet", 2)]
    public void A_last_batch_that_batch_norms_cannot_train_on_is_refused_before_an_epoch_is_computed(
        string size, string stem, int exitCode)
    {
        using var folder = new TemporaryFolder();
        MadeImages.Pictures(folder["pictures"]);
        string[] stems = stem.Length > 0 ? ["--stem", stem] : [];
        var run = AppRun.Of([
            "train", "--model", "resnet18", "--width", "4", "--epochs", "1", "--batch-size", "11", "--image-size", size, .. stems,
            "--data", $"folder:{folder["pictures"]}", "--out", folder["out"]]);
        Assert.That(run.ExitCode, Is.EqualTo(exitCode), run.Error);
        if (exitCode != 0)
            Assert.That(run.OneLineError(exitCode), Does.Contain("--batch-size 11: the last of 12").And.Contain("--limit 11"));
    }

    [TestCase("resnet18", "--depth 3", "--depth goes with the training of digits")]
    [TestCase("mresnet18", "--compare 1,2", "--compare goes with the training of digits")]
    [TestCase("mresnet18", "--profile", "--profile goes with the training of digits")]
    [TestCase("resnet18", "--learned-velocity", "--learned-velocity goes with an m-model; choose --model mresnet18")]
    [TestCase("resnet18", "--learned-velocity --transform", "--learned-velocity goes with an m-model")]
    [TestCase("resnet18", "--memory exact", "--memory goes with momentum layers, and resnet18 has none; choose mresnet18")]
    [TestCase("resnet18", "--gamma 0.5", "--gamma goes with momentum layers")]
    [TestCase("resnet18", "--device cuda", "There is no device 'cuda' here")]
    public void An_option_that_would_change_nothing_is_refused_and_not_passed_over(string model, string options, string problem)
    {
        using var folder = new TemporaryFolder();
        var run = AppRun.Of([.. Small, "--model", model, "--epochs", "1", "--limit", "8", .. options.Split(' '), "--out", folder.FullPath]);
        Assert.That(run.OneLineError(ExitCode.Usage), Does.Contain(problem).And.Not.Contain("Parameter"));
    }

    [Test]
    public void What_goes_with_momentum_layers_is_taken_for_a_transformed_ResNet()
    {
        using var folder = new TemporaryFolder();
        var run = AppRun.Of([
            .. Small, "--model", "resnet18", "--transform", "--memory", "store", "--gamma", "0.5", "--epochs", "1", "--limit", "8",
            "--out", folder.FullPath]);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok), run.Error);
        Assert.That(run.Output, Does.Contain("γ 0.5, memory mode store"));
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

    [TestCase("--weights", "x.pth", "--weights goes with --model")]
    [TestCase("--data", "folder:pictures", "--data folder:pictures goes with --model")]
    [TestCase("--image-size", "32", "--image-size goes with --model")]
    public void What_goes_with_a_model_is_not_passed_over_without_one(string option, string value, string expected)
    {
        using var folder = new TemporaryFolder();
        Assert.That(
            AppRun.Of("train", option, value, "--out", folder.FullPath).OneLineError(ExitCode.Usage), Does.Contain(expected));
    }

    [Test]
    public void Weights_decide_how_the_model_begins_and_a_wrapped_checkpoint_is_told_its_prefix()
    {
        using var folder = new TemporaryFolder();
        MadeImages.Pictures(folder["pictures"]);
        using var trained = new ResNet(new ResNetOptions(2, 2, 2, 2) { Width = 4 });
        PyTorchFile.Save(folder["resnet18.pth"], trained.StateDict());
        PyTorchFile.Save(folder["wrapped.pth"], trained.StateDict("net.module"));
        string[] args = [.. Small, "--model", "resnet18", "--data", $"folder:{folder["pictures"]}", "--out", folder["out"], "--epochs"];

        var run = AppRun.Of([.. args, "1", "--weights", folder["resnet18.pth"]]);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok), run.Error);
        Assert.That(run.Output, Does.Contain("fc.weight").And.Not.Contain("conv1.weight"), "only the classifier is new");
        Assert.That(
            SavedTraining<ImageTrainingSettings>.Read(Path.Combine(folder["out"], "checkpoint.safetensors")).Settings.Stem,
            Is.EqualTo("imagenet"), "a resumed training begins the same way");
        Assert.That(
            AppRun.Of([.. args, "1", "--weights", folder["wrapped.pth"]]).OneLineError(ExitCode.Failed),
            Does.Contain("'net.module.conv1.weight'").And.EndsWith("--strip-prefix net.module."));
        Assert.That(
            AppRun.Of([.. args, "1", "--weights", folder["resnet18.pth"], "--stem", "cifar"]).OneLineError(ExitCode.Failed),
            Does.Contain("mismatched conv1.weight (got Float32 [4, 3, 7, 7]").And.Contain("--stem"));
        Assert.That(AppRun.Of([.. args, "1", "--stem", "vgg"]).OneLineError(ExitCode.Usage), Does.Contain("imagenet, cifar"));
    }
}
