using System.CommandLine;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Samples;

/// <summary>`momentum train`, the main job: reads digits with a momentum network and writes what it found.</summary>
internal static class TrainCommand
{
    private const int ComparedSteps = 5;

    public static Command Create(AppHost host)
    {
        var o = new TrainOptions();
        var command = new MomentumCommand(
            "train", "Train a convolutional momentum network on 10,000 handwritten digits. The main job.")
        {
            Notes = "The network: stem convolution; two stages of momentum layers x ← x + v, v ← γ v + (1 − γ) " +
                "f(x), each " +
                "f a convolution, group norm and tanh; classifier. In memory mode recompute no activation of the " +
                "stages is kept: backward runs the layers in reverse. Then one step is measured in both modes at " +
                "several depths.\n" +
                $"Writes into the --out folder: {string.Join(", ", TrainingReport.AllNames)}, and after every epoch " +
                $"{SavedTraining.FileName}.\n" +
                "Ctrl-C stops cleanly; --resume goes on from the last whole epoch to the same weights, bit for bit, " +
                "as a training that was never stopped. A resumed training keeps its settings.\n" +
                "With --model it trains a ResNet or one of the authors' momentum ResNets on images, with the authors' " +
                "recipe: 220 epochs, batch 128, SGD with rate 0.01 (a tenth after 9 of 11 epochs), momentum 0.9, " +
                "weight decay 5e-4; images shifted and mirrored. It writes " +
                $"{string.Join(", ", ImageTraining.AllNames)}.",
            Examples =
            [
                ("momentum train", "the defaults; the same as momentum alone"),
                ("momentum train --epochs 3 --out quick", "a shorter training, in another folder"),
                ("momentum train --depth 20 --memory recompute", "40 momentum layers in the memory of a few"),
                ("momentum train --resume", "go on after Ctrl-C"),
                ("momentum train --model mresnet18 --data cifar10:PATH", "the authors' training on CIFAR-10"),
                ("momentum train --model resnet18 --weights resnet18.pth --transform --data folder:PATH --epochs 5",
                    "fine-tune the momentum form of a ResNet that you have"),
            ],
        };
        foreach (var option in o.All)
            command.Options.Add(option);
        command.SetAction(parse =>
        {
            host.Quiet = parse.GetValue(o.Quiet);
            var device = SharedOptions.OpenDevice(parse.GetValue(o.DeviceName)!, parse.GetValue(o.Threads));
            return o.Image.IsAsked(parse) ? TrainImages(host, o, parse, device) : Run(host, o, parse, device);
        });
        return command;
    }

    private static int Run(AppHost host, TrainOptions options, ParseResult parse, Device device)
    {
        var folder = OutputFolder.Open(parse.GetValue(options.Out)!);
        string checkpointPath = folder.PathOf(SavedTraining.FileName);
        var saved = parse.GetValue(options.Resume) ? SavedTraining.Read(checkpointPath) : null;
        var settings = saved == null ? options.Settings(parse) : options.SameSettings(parse, saved.Settings);
        if (parse.GetValue(options.Data) is { } images && images.Contains(':') && !Directory.Exists(images))
        {
            throw new UserErrorException(
                $"--data {images} goes with --model, which is not given; alone, --data is a folder of digits.",
                ExitCode.Usage);
        }

        using var data = DigitData.Load(parse.GetValue(options.Data) ?? DigitData.BundledFolder, settings.Limit);
        using var trainer = new DigitTrainer(settings, data, device, checkpointPath);
        if (saved != null)
            trainer.Restore(saved);

        Introduce(host, settings, data, trainer, device);
        using (var profile = parse.GetValue(options.Profile) ? device.Profile() : null)
        {
            Train(host, settings, trainer, parse.GetValue(options.Out)!);
            if (profile != null)
                host.Result(profile.ToString());
        }

        var last = trainer.History[^1];
        var memory = Compare(host, settings, data, device, parse.GetValue(options.ComparedDepths)!.Values);
        var misread = trainer.Misread(host.Cancellation);
        TrainingReport.Write(
            folder, settings, trainer.History, memory, trainer.Network, misread, data.TestCount, device.Name);
        host.Say($"Written: {string.Join(", ", TrainingReport.AllNames)} in {folder.FullPath}");
        host.Result(
            $"{Quantity.Percent(last.TestAccuracy)} of {data.TestCount:N0} test digits read correctly after " +
            $"{Quantity.Count(trainer.History.Count, "epoch")} " +
            $"in {Quantity.Time(TimeSpan.FromSeconds(trainer.History.Sum(e => e.Seconds)))}");
        return ExitCode.Ok;
    }

    private static int TrainImages(AppHost host, TrainOptions options, ParseResult parse, Device device)
    {
        string outArgument = parse.GetValue(options.Out)!;
        var folder = OutputFolder.Open(outArgument);
        string checkpoint = folder.PathOf(SavedTraining.FileName);
        var (saved, history) = parse.GetValue(options.Resume)
            ? SavedTraining.Read<ImageTrainingSettings>(checkpoint)
            : (null, null);
        var settings = options.ImageSettings(parse, saved ?? new ImageTrainingSettings("", "digits"));
        if (saved != null && settings != saved)
        {
            throw new UserErrorException(
                $"--resume: the checkpoint was made with {saved} and goes on with that; got {settings}. Leave the " +
                "settings out, or start afresh without --resume.",
                ExitCode.Usage);
        }

        try
        {
            return ImageTraining.Run(
                host, folder, device, settings, history, parse.GetValue(options.Image.Weights));
        }
        catch (OperationCanceledException stopped) when (host.Cancellation.IsCancellationRequested)
        {
            throw new UserErrorException(
                "interrupted; the checkpoint of the last whole epoch, if there is one, is kept. Go on with: momentum " +
                $"train --model {settings.Model} --resume --out {outArgument}",
                ExitCode.Interrupted,
                stopped);
        }
    }

    private static void Introduce(
        AppHost host, TrainingSettings settings, DigitData data, DigitTrainer trainer, Device device)
    {
        int parameters = trainer.Network.Parameters().Sum(p => p.Count);
        host.Say(
            $"Momentum network, 2 × {settings.Depth} momentum layers, {parameters:N0} parameters, memory mode " +
            $"{settings.Memory}; " +
            $"{data.TrainingCount:N0} training and {data.TestCount:N0} test digits; {device.Name}: " +
            $"{device.Description}");
        if (trainer.History.Count > 0)
            host.Say($"Resumed after epoch {trainer.History.Count} of {settings.Epochs}.");
    }

    private static void Train(AppHost host, TrainingSettings settings, DigitTrainer trainer, string outArgument)
    {
        var display = new TrainingDisplay(host, settings.Epochs);
        display.AddEarlier(trainer.History);
        try
        {
            display.Run(progress =>
            {
                trainer.Run(progress, host.Cancellation);
                return true;
            });
        }
        catch (OperationCanceledException stopped) when (host.Cancellation.IsCancellationRequested)
        {
            throw new UserErrorException(
                trainer.History.Count == 0
                    ? "interrupted in the first epoch; there is no checkpoint yet."
                    : $"interrupted; the checkpoint of epoch {trainer.History.Count} of {settings.Epochs} is kept. " +
                      $"Go on with: momentum train --resume --out {outArgument}",
                ExitCode.Interrupted,
                stopped);
        }
    }

    private static MemoryComparison Compare(
        AppHost host, TrainingSettings settings, DigitData data, Device device, int[] depths)
    {
        host.Say("Measuring one training step in both memory modes …");
        var comparison = MemoryComparison.Measure(
            device, depths, (depth, mode) => data.PrepareStep(depth, mode, settings, device), ComparedSteps,
            progress: null, host.Cancellation);
        comparison.Show(
            host, "One training step (depth: momentum layers in each stage; peak bytes of all tensors; median time):");
        return comparison;
    }
}
