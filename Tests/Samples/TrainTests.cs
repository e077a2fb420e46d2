using System.Text.RegularExpressions;
using System.Xml.Linq;
using MomentumCore.Samples;
using MomentumCore.Tests.Kernels;

namespace MomentumCore.Tests.Samples;

/// <summary>`momentum train` on a handful of digits: what it writes, how it stops, how it goes on.</summary>
[NonParallelizable] // trains on all cores
public sealed class TrainTests
{
    private static readonly string[] Tiny =
        ["train", "--limit", "64", "--batch-size", "32", "--depth", "1", "--compare", "1,2"];

    [Test]
    public void It_writes_a_page_with_its_pictures_and_the_weights()
    {
        using var folder = new TemporaryFolder();
        var run = AppRun.Of([.. Tiny, "--epochs", "3", "--out", folder.FullPath]);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok), run.Error);
        string page = File.ReadAllText(folder["index.html"]);
        using (Assert.EnterMultipleScope())
        {
            foreach (string name in new[] { "curves.svg", "memory.svg", "misread.svg" })
            {
                Assert.That(() => XDocument.Load(folder[name]), Throws.Nothing, name);
                Assert.That(page, Does.Contain(name));
            }

            Assert.That(AppRun.Of("inspect", folder["weights.safetensors"]).ExitCode, Is.EqualTo(ExitCode.Ok));
            Assert.That(run.Output, Does.Contain("epoch 3/3").And.Contain("Memory saved")
                .And.Contain("test digits read correctly"));
            Assert.That(Directory.GetFiles(folder.FullPath).Select(Path.GetFileName), Has.Exactly(6).Items,
                "no temporary files are left");
        }
    }

    [Test]
    public void It_prints_peak_bytes_and_time_of_Store_against_Recompute_at_every_depth()
    {
        using var folder = new TemporaryFolder();
        var run = AppRun.Of([.. Tiny[..^1], "1,3,8", "--epochs", "1", "--out", folder.FullPath]);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok), run.Error);
        string[] lines = run.Output.Split('\n');
        int heading = Array.FindIndex(lines, l => l.TrimStart().StartsWith("Depth", StringComparison.Ordinal));
        Assert.That(
            lines[heading], Does.Match("Store +Recompute +Memory saved +Store time +Recompute time +Time ratio"));
        const string Row = @"^ *(?<depth>\d+) +(?<store>[\d.]+) MiB +(?<recompute>[\d.]+) MiB +(?<ratio>[\d.]+) × " +
            @"+[\d.]+ m?s +[\d.]+ m?s +[\d.]+ ×";
        Match[] rows = [.. lines[(heading + 1)..(heading + 4)].Select(l => Regex.Match(l, Row))];
        Assert.That(rows, Has.All.Property("Success").True, run.Output);
        Assert.That(rows.Select(r => r.Groups["depth"].Value), Is.EqualTo(new[] { "1", "3", "8" }));
        double[] store = Numbers("store"), recompute = Numbers("recompute"), ratio = Numbers("ratio");
        // Storing keeps the activations of every layer, recomputing those of the last.
        Assert.That(store, Is.Ordered.Ascending);
        Assert.That(store[2] - store[1], Is.GreaterThan(10 * (recompute[2] - recompute[1])));
        Assert.That(ratio[2], Is.GreaterThan(1).And.EqualTo(store[2] / recompute[2]).Within(0.02 * ratio[2]));

        double[] Numbers(string group) => [.. rows.Select(r => double.Parse(r.Groups[group].Value))];
    }

    [Test]
    public void A_short_training_on_a_fifth_of_the_digits_already_reads_nine_of_ten()
    {
        using var folder = new TemporaryFolder();
        var run = AppRun.Of(
            "train", "--limit", "1600", "--epochs", "4", "--compare", "1", "--quiet", "--out", folder.FullPath);
        Assert.That(double.Parse(run.Output.Split(' ')[0]), Is.GreaterThan(90), run.Error);
    }

    [Test]
    public void The_same_training_on_OpenCL_starts_with_the_same_loss_and_reads_as_well()
    {
        if (SomeOpenCl.Any == null)
            Assert.Ignore("no OpenCL device");
        var (cpuLoss, cpuAccuracy) = Train("cpu");
        var (openClLoss, openClAccuracy) = Train("opencl:0");
        Assert.That(openClLoss, Is.EqualTo(cpuLoss).Within(5).Percent, "after one epoch, rounding has parted them already");
        Assert.That(openClAccuracy, Is.EqualTo(cpuAccuracy).Within(2.5).And.GreaterThan(90));

        static (double Loss, double Accuracy) Train(string device)
        {
            using var folder = new TemporaryFolder();
            var run = AppRun.Of(
                "train", "--limit", "1600", "--epochs", "4", "--compare", "1", "--device", device, "--out", folder.FullPath);
            Assert.That(run.ExitCode, Is.Zero, run.Error);
            return (
                double.Parse(Regex.Match(run.Output, @"epoch 1/4 +loss (\S+)").Groups[1].Value),
                double.Parse(Regex.Match(run.Output, @"(\S+) % of [\d,]+ test digits").Groups[1].Value));
        }
    }

    [Test]
    public void A_training_stopped_and_resumed_ends_with_the_same_bits_as_one_that_ran_through()
    {
        using var folder = new TemporaryFolder();
        Assert.That(
            AppRun.Of([.. Tiny, "--epochs", "3", "--out", folder["through"]]).ExitCode, Is.EqualTo(ExitCode.Ok));

        var stopped = AppRun.Until("epoch 2/3", [.. Tiny, "--epochs", "3", "--out", folder["stopped"]]);
        string line = stopped.OneLineError(ExitCode.Interrupted);
        Assert.That(line, Does.Contain("epoch 2 of 3").And.Contain("--resume"));
        Assert.That(File.Exists(Path.Combine(folder["stopped"], "weights.safetensors")), Is.False);
        var resumed = AppRun.Of("train", "--resume", "--compare", "1", "--out", folder["stopped"]);
        Assert.That(resumed.ExitCode, Is.EqualTo(ExitCode.Ok), resumed.Error);
        Assert.That(resumed.Output, Does.Contain("Resumed after epoch 2").And.Contain("epoch 3/3")
            .And.Not.Contain("epoch 2/3"));

        Assert.That(
            File.ReadAllBytes(Path.Combine(folder["stopped"], "weights.safetensors")),
            Is.EqualTo(File.ReadAllBytes(Path.Combine(folder["through"], "weights.safetensors"))));
    }

    [Test]
    public void Neither_the_number_of_threads_nor_the_run_changes_a_bit()
    {
        using var folder = new TemporaryFolder();
        foreach (string threads in new[] { "1", "3" })
            Assert.That(AppRun.Of([.. Tiny, "--epochs", "1", "--threads", threads, "--out", folder[threads]]).ExitCode,
                Is.EqualTo(ExitCode.Ok));
        Assert.That(
            File.ReadAllBytes(Path.Combine(folder["1"], "weights.safetensors")),
            Is.EqualTo(File.ReadAllBytes(Path.Combine(folder["3"], "weights.safetensors"))));
    }

    [Test]
    public void Stopped_before_the_first_epoch_is_over_it_says_that_there_is_no_checkpoint()
    {
        using var folder = new TemporaryFolder();
        var run = AppRun.Of(
            [.. Tiny, "--epochs", "3", "--out", folder.FullPath], new CancellationToken(canceled: true));
        Assert.That(run.OneLineError(ExitCode.Interrupted), Does.Contain("no checkpoint"));
        Assert.That(Directory.GetFiles(folder.FullPath), Is.Empty);
    }

    [Test]
    public void A_loss_that_is_no_number_stops_the_training_and_keeps_the_checkpoint_before_it()
    {
        using var folder = new TemporaryFolder();
        // A weight decay of 2 % of such a rate turns weights round and makes them grow with every step.
        var run = AppRun.Of([.. Tiny, "--lr", "1e6", "--epochs", "50", "--out", folder.FullPath]);
        Assert.That(
            run.OneLineError(ExitCode.Failed),
            Does.Contain("loss became").And.Contain("--lr").And.Match("checkpoint of epoch [0-9]+ is kept"));
        Assert.That(AppRun.Of("inspect", folder["checkpoint.safetensors"]).ExitCode, Is.EqualTo(ExitCode.Ok));
        Assert.That(File.Exists(folder["weights.safetensors"]), Is.False);
    }

    [Test]
    public void When_the_output_folder_vanishes_the_training_ends_with_one_line()
    {
        using var folder = new TemporaryFolder();
        string[] args = [.. Tiny, "--epochs", "3", "--out", folder["gone"]];
        var run = AppRun.Until("epoch 1/3", args, () => Directory.Delete(folder["gone"], recursive: true));
        Assert.That(run.OneLineError(ExitCode.Failed), Does.Contain("cannot be written").And.Contain("checkpoint"));
        Assert.That(Directory.Exists(folder["gone"]), Is.False);
    }

    [Test]
    public void A_terminal_shows_epochs_and_the_time_that_is_left_while_it_trains()
    {
        using var folder = new TemporaryFolder();
        var output = new StringWriter();
        string[] args = [.. Tiny, "--epochs", "2", "--out", folder.FullPath];
        int exitCode = MomentumApp.Run(args, new AppHost(output, output, isInteractive: true, CancellationToken.None));
        Assert.That(exitCode, Is.EqualTo(ExitCode.Ok), output.ToString());
        Assert.That(output.ToString(), Does.Contain("Test accuracy").And.Contain("epoch 1/2")
            .And.Contain("left, Ctrl-C stops"));
    }

    [Test]
    public void Quiet_prints_one_line()
    {
        using var folder = new TemporaryFolder();
        var run = AppRun.Of([.. Tiny, "--epochs", "1", "--quiet", "--out", folder.FullPath]);
        Assert.That(run.Output.Trim().Split('\n'), Has.Length.EqualTo(1));
        Assert.That(run.Output, Does.Contain("test digits read correctly after 1 epoch in"));
    }

    [Test]
    public void Resuming_without_a_checkpoint_says_so()
    {
        using var folder = new TemporaryFolder();
        Assert.That(
            AppRun.Of("train", "--resume", "--out", folder.FullPath).OneLineError(ExitCode.Failed),
            Does.Contain("no checkpoint").And.Contain(folder.FullPath));
    }

    [Test]
    public void Resuming_from_a_damaged_checkpoint_is_one_line_and_leaves_it_alone()
    {
        using var folder = new TemporaryFolder();
        byte[] damaged = [9, 0, 0, 0, 0, 0, 0, 0, (byte)'{', (byte)'"'];
        File.WriteAllBytes(folder["checkpoint.safetensors"], damaged);
        AppRun.Of("train", "--resume", "--out", folder.FullPath).OneLineError(ExitCode.Failed);
        Assert.That(File.ReadAllBytes(folder["checkpoint.safetensors"]), Is.EqualTo(damaged));
    }

    [Test]
    public void Resuming_from_other_weights_says_that_they_are_no_checkpoint()
    {
        using var folder = new TemporaryFolder();
        using var scope = TensorScope.Begin();
        Safetensors.Save(
            folder["checkpoint.safetensors"], new Dictionary<string, Tensor> { ["weight"] = Tensor.Ones([2]) });
        Assert.That(AppRun.Of("train", "--resume", "--out", folder.FullPath).OneLineError(ExitCode.Failed),
            Does.Contain("no checkpoint of"));
    }

    [Test]
    public void Resuming_with_other_digits_is_refused()
    {
        using var folder = new TemporaryFolder();
        AppRun.Until("epoch 1/3", [.. Tiny, "--epochs", "3", "--out", folder["out"]]);
        Directory.CreateDirectory(folder["digits"]);
        foreach (string file in Directory.GetFiles(DigitData.BundledFolder, "t10k*"))
        {
            foreach (string part in new[] { "t10k", "train" })
                File.Copy(file, Path.Combine(folder["digits"], Path.GetFileName(file).Replace("t10k", part, StringComparison.Ordinal)));
        }

        string[] resume = ["train", "--resume", "--compare", "1", "--out", folder["out"]];
        Assert.That(
            AppRun.Of([.. resume, "--data", folder["digits"]]).OneLineError(ExitCode.Failed),
            Does.Contain("test images are not those that the checkpoint was made with"));
        Assert.That(AppRun.Of([.. resume, "--data", DigitData.BundledFolder]).ExitCode, Is.EqualTo(ExitCode.Ok));
    }

    [Test]
    public void Resuming_with_another_setting_is_refused()
    {
        using var folder = new TemporaryFolder();
        AppRun.Until("epoch 1/3", [.. Tiny, "--epochs", "3", "--out", folder.FullPath]);
        string line =
            AppRun.Of("train", "--resume", "--seed", "5", "--out", folder.FullPath).OneLineError(ExitCode.Usage);
        Assert.That(line, Does.Contain("--seed 1").And.Contain("not 5"));
    }

    [TestCase("--epochs", "0")]
    [TestCase("--epochs", "many")]
    [TestCase("--batch-size", "-4")]
    [TestCase("--lr", "0")]
    [TestCase("--lr", "NaN")]
    [TestCase("--seed", "1.5")]
    [TestCase("--memory", "exactly")]
    [TestCase("--depth", "0")]
    [TestCase("--device", "gpu9")]
    [TestCase("--threads", "0")]
    public void A_bad_value_is_a_usage_error_that_names_option_and_value(string option, string value)
    {
        Assert.That(
            AppRun.Of("train", option, value).OneLineError(ExitCode.Usage),
            Does.Contain(option).And.Contain($"'{value}'"));
    }

    [Test]
    public void Options_without_a_command_belong_to_train()
    {
        Assert.That(AppRun.Of("--epochs", "0").OneLineError(ExitCode.Usage), Does.Contain("momentum train --help"));
    }

    [Test]
    public void A_folder_without_digits_is_one_line()
    {
        using var folder = new TemporaryFolder();
        string line =
            AppRun.Of("train", "--data", folder["nowhere"], "--out", folder["out"]).OneLineError(ExitCode.Failed);
        Assert.That(line, Does.Contain("nowhere"));
    }

    [Test]
    public void An_output_folder_that_cannot_be_made_is_refused_before_any_work()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["taken"], "a file");
        Assert.That(AppRun.Of([.. Tiny, "--epochs", "3", "--out", folder["taken"]]).OneLineError(ExitCode.Failed),
            Does.Contain("--out"));
    }
}
