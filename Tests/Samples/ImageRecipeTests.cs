using MomentumCore.Layers;
using MomentumCore.Samples;

namespace MomentumCore.Tests.Samples;

/// <summary>`momentum train --model` trains by the recipe of the authors' trainer: settings, steps, images.</summary>
[NonParallelizable] // trains on all cores
internal sealed class ImageRecipeTests
{
    [Test]
    public void The_recipe_is_that_of_the_authors()
    {
        // run_CIFAR_10.py and trainer_CIFAR_10.py: 220 epochs at 0.01, from the 181st a tenth of it; batches of 128.
        var settings = new ImageTrainingSettings("mresnet18", "cifar10:x");
        Assert.That(
            (settings.Epochs, settings.BatchSize, settings.LearningRate, settings.Gamma, settings.Width),
            Is.EqualTo((220, 128, 0.01, 0.9, 64)));
        using var folder = new TemporaryFolder();
        MadeImages.Cifar10(folder.FullPath);
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
        MadeImages.Cifar10(folder.FullPath);
        var settings = new ImageTrainingSettings("resnet18", $"cifar10:{folder.FullPath}") { Epochs = 1, BatchSize = 40, Width = 2 };
        float[] trained = ImageResumeTests.Weights(settings, folder["one"], stopAfter: 0);

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
        MadeImages.Cifar10(folder.FullPath);
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
}
