using System.Text;
using System.Xml.Linq;
using MomentumCore.Layers;
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

    [TestCase("cifar10")]
    [TestCase("cifar100")]
    [TestCase("folder")]
    [TestCase("digits")]
    public void A_resumed_command_leaves_the_files_of_one_that_ran_through(string source)
    {
        using var folder = new TemporaryFolder();
        WriteCifar(folder["cifar10"]);
        WriteCifar100(folder["cifar100"]);
        WritePicturesOfManyKinds(folder["folder"]);
        string[] args =
        [
            .. Small, "--model", "mresnet18", "--epochs", "2", "--limit", "24",
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
        WritePictures(folder["pictures"]);
        string[] args =
        [
            .. Small, "--model", "resnet18", "--data", $"folder:{folder["pictures"]}", "--limit", "6", "--epochs", "2",
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
        WriteCifar(folder.FullPath);
        var settings = new ImageTrainingSettings("mresnet18", $"cifar10:{folder.FullPath}") { Epochs = 2, BatchSize = 8, Width = 4 };
        float[] straight = Weights(settings, folder["straight"], stopAfter: 0);
        Assert.That(() => Weights(settings, folder["old"], stopAfter: 1), Throws.InstanceOf<OperationCanceledException>());
        using (var file = Safetensors.Load(folder["old"]))
            Safetensors.Save(folder["old"], file, file.Metadata.Where(m => m.Key != "images").ToDictionary(m => m.Key, m => m.Value));
        Assert.That(Weights(settings, folder["old"], stopAfter: 0, resume: true), Is.EqualTo(straight));
    }

    [Test]
    public void The_recipe_is_that_of_the_authors()
    {
        // run_CIFAR_10.py and trainer_CIFAR_10.py: 220 epochs at 0.01, from the 181st a tenth of it; batches of 128.
        var settings = new ImageTrainingSettings("mresnet18", "cifar10:x");
        Assert.That(
            (settings.Epochs, settings.BatchSize, settings.LearningRate, settings.Gamma, settings.Width),
            Is.EqualTo((220, 128, 0.01, 0.9, 64)));
        using var folder = new TemporaryFolder();
        WriteCifar(folder.FullPath);
        var run = AppRun.Of(
            "train", "--model", "resnet18", "--width", "1", "--limit", "8", "--epochs", "220", "--quiet", "--data",
            $"cifar10:{folder.FullPath}", "--out", folder["out"]);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok), run.Error);
        double[] rates = [.. File.ReadAllLines(Path.Combine(folder["out"], "log.csv")).Skip(1).Select(r => double.Parse(r.Split(',')[5]))];
        Assert.That(rates, Has.Length.EqualTo(220));
        Assert.That(rates[..180], Is.All.EqualTo(0.01));
        Assert.That(rates[180..], Is.All.EqualTo(0.001).Within(1e-12));
    }

    [Test]
    public void A_step_is_the_one_that_the_authors_recipe_makes()
    {
        using var folder = new TemporaryFolder();
        WriteCifar(folder.FullPath);
        var settings = new ImageTrainingSettings("resnet18", $"cifar10:{folder.FullPath}") { Epochs = 1, BatchSize = 40, Width = 2 };
        float[] trained = Weights(settings, folder["one"], stopAfter: 0);

        using var scope = TensorScope.Begin();
        using var data = ImageData.Load(settings.Data, 0);
        using var random = RandomSource.Use(new RandomSource((ulong)settings.Seed));
        var (model, _) = ImageModels.Make(settings, 10, null);
        foreach (var (images, labels) in data.TrainingBatches(1, 40, settings.Seed, Device.Cpu, default))
            model.Call(images).CrossEntropy(labels).Backward();
        using (NoGrad.Begin())
        {
            foreach (var parameter in model.Parameters())
            {
                // The first step of momentum 0.9 is the gradient itself; weight decay adds 5e-4 of the weights.
                parameter.CopyFrom(parameter - ((parameter.Gradient! + (parameter * 5e-4)) * 0.01));
            }
        }

        float[] expected = [.. model.StateDict().Values.Where(t => t.DType == DType.Float32).SelectMany(t => t.ToArray<float>())];
        Assert.That(trained, Is.EqualTo(expected).Within(1e-6));
    }

    [Test]
    public void Training_images_are_the_authors_shifted_mirrored_and_normalised_ones()
    {
        using var folder = new TemporaryFolder();
        WriteCifar(folder.FullPath);
        var raw = CifarFile.Load10(folder.FullPath, train: true);
        using var data = ImageData.Load($"cifar10:{folder.FullPath}", 0);
        using var scope = TensorScope.Begin();
        var tested = CifarFile.Load10(folder.FullPath, train: false).Read([0, 1, 2, 3, 4, 5, 6, 7])[0];
        foreach (var (test, _) in data.TestBatches(8, Device.Cpu, default))
            AssertNormalised(test, tested);

        var originals = raw.Read([.. Enumerable.Range(0, 40)])[0];
        var padded = originals.Pad([(0, 0), (0, 0), (4, 4), (4, 4)]);
        var places = new HashSet<(int, int, bool)>();
        foreach (var (batch, labels) in data.TrainingBatches(1, 40, 1, Device.Cpu, default))
        {
            for (int row = 0; row < 40; row++)
                places.Add(Find(batch[row..(row + 1)], padded));
            Assert.That(
                labels.ToArray<long>().Order(), Is.EqualTo(raw.Labels.ToArray().Select(l => (long)l).Order()));
        }

        Assert.That(places, Has.Count.GreaterThan(25), "shifts differ");
        Assert.That(places.Select(p => p.Item3).Distinct().Count(), Is.EqualTo(2), "some are mirrored, some not");
    }

    [Test]
    public void Cifar_100_and_pictures_of_several_sizes_run_through_the_same_path()
    {
        using var folder = new TemporaryFolder();
        WriteCifar100(folder["cifar"]);
        var run = AppRun.Of([
            .. Small, "--model", "mresnet18", "--learned-velocity", "--data", $"cifar100:{folder["cifar"]}", "--epochs", "1",
            "--out", folder["hundred"]]);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok), run.Error);
        Assert.That(run.Output, Does.Contain("16 training and 8 test images of 100 classes"));

        WritePictures(folder["pictures"], sizes: [12, 16, 20]);
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
        WritePictures(folder.FullPath);
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
        WritePictures(folder["pictures"]);
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

    private static float[] Weights(ImageTrainingSettings settings, string path, int stopAfter, int stopAtBatch = 0, bool resume = false)
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

    private static void AssertNormalised(Tensor images, Tensor originals)
    {
        double[] mean = [0.4914, 0.4822, 0.4465], deviation = [0.2023, 0.1994, 0.2010];
        for (int c = 0; c < 3; c++)
        {
            double[] wanted = [.. originals.Select(1, c).ToArray<float>().Select(v => (v - mean[c]) / deviation[c])];
            Assert.That(images.Select(1, c).ToArray<float>(), Is.EqualTo(wanted).Within(1e-5));
        }
    }

    /// <summary>Where in which padded original a training image was cut out, and whether it was mirrored.</summary>
    private static (int Top, int Left, bool Mirrored) Find(Tensor image, Tensor padded)
    {
        float[] wanted = image.ToArray<float>();
        for (int i = 0; i < padded.Shape[0] * 81 * 2; i++)
        {
            int top = i / 2 % 9, left = i / 18 % 9;
            using var scope = TensorScope.Begin();
            var cut = padded[(i / 162)..((i / 162) + 1)].Slice(2, top, top + 32).Slice(3, left, left + 32);
            if (i % 2 == 1)
                cut = cut.Flip(3);
            cut = (cut - Tensor.From([0.4914f, 0.4822f, 0.4465f], [1, 3, 1, 1])) / Tensor.From([0.2023f, 0.1994f, 0.2010f], [1, 3, 1, 1]);
            if (cut.ToArray<float>().AsSpan().SequenceEqual(wanted))
                return (top, left, i % 2 == 1);
        }

        throw new AssertionException("A training image is no window of a padded original.");
    }

    /// <summary>CIFAR-100's two files with names: coarse class, fine class, picture.</summary>
    private static void WriteCifar100(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "cifar-100-binary"));
        var random = new Random(1);
        foreach (var (name, count) in new[] { ("train", 16), ("test", 8) })
        {
            var file = new MemoryStream();
            for (int record = 0; record < count; record++)
            {
                file.WriteByte((byte)(record % 20));
                file.WriteByte((byte)(99 - record));
                byte[] pixels = new byte[3072];
                random.NextBytes(pixels);
                file.Write(pixels);
            }

            File.WriteAllBytes(Path.Combine(folder, "cifar-100-binary", name + ".bin"), file.ToArray());
        }
    }

    /// <summary>
    /// CIFAR-10 as it is unpacked, byte for byte but for the number of records: eight in each file; a class is a colour.
    /// </summary>
    private static void WriteCifar(string folder)
    {
        string inside = Path.Combine(folder, "cifar-10-batches-bin");
        Directory.CreateDirectory(inside);
        File.WriteAllText(Path.Combine(inside, "batches.meta.txt"), "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n");
        File.WriteAllText(Path.Combine(inside, "readme.html"), "<meta HTTP-EQUIV=\"REFRESH\" content=\"0; url=https://www.cs.toronto.edu/~kriz/cifar.html\">\n");
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

            File.WriteAllBytes(Path.Combine(inside, name + ".bin"), file.ToArray());
        }
    }

    /// <summary>PNG and JPEG pictures that Pillow and others wrote, in two classes.</summary>
    private static void WritePicturesOfManyKinds(string folder)
    {
        string images = Path.Combine(TestContext.CurrentContext.TestDirectory, "Fixtures", "images");
        string[][] classes =
        [
            ["full.jpg", "half.jpg", "progressive.jpg", "grey.jpg", "colour0_depth16.png", "colour3_depth4.png"],
            ["wide.jpg", "restarts.jpg", "progressive_grey.jpg", "colour2_depth8_interlaced.png", "colour6_depth16.png", "pillow.png"],
        ];
        foreach (string part in new[] { "train", "val" })
        {
            for (int c = 0; c < classes.Length; c++)
            {
                string path = Directory.CreateDirectory(Path.Combine(folder, part, $"class{c}")).FullName;
                foreach (string name in classes[c])
                    File.Copy(Path.Combine(images, name), Path.Combine(path, name));
            }
        }
    }

    /// <summary>Pictures of three classes in folders, for training and test.</summary>
    private static void WritePictures(string folder, int[]? sizes = null)
    {
        foreach (string part in new[] { "train", "test" })
        {
            for (int c = 0; c < 3; c++)
            {
                string path = Path.Combine(folder, part, $"class{c}");
                Directory.CreateDirectory(path);
                for (int i = 0; i < 4; i++)
                {
                    int size = sizes?[i % sizes.Length] ?? 16;
                    byte[] pixels = [.. Enumerable.Range(0, size * size * 3).Select(p => (byte)(p % 3 == c ? 220 - i : 30 + i))];
                    File.WriteAllBytes(Path.Combine(path, $"{i}.ppm"), [.. Encoding.ASCII.GetBytes($"P6\n{size} {size}\n255\n"), .. pixels]);
                }
            }
        }
    }
}
