using System.CommandLine;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Samples;

/// <summary>`momentum train`, the main job: reads digits with a momentum network and writes what it found.</summary>
internal static class TrainCommand
{
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
                $"{OutputFolder.CheckpointName}.\n" +
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
            return o.Image.IsAsked(parse) ? TrainImages(host, o, parse, device) : TrainDigits(host, o, parse, device);
        });
        return command;
    }

    private static int TrainDigits(AppHost host, TrainOptions options, ParseResult parse, Device device)
    {
        var folder = Open(options, parse);
        var saved = parse.GetValue(options.Resume) ? SavedTraining<TrainingSettings>.Read(folder.CheckpointPath) : null;
        var settings = saved == null ? options.Settings(parse) : options.SameSettings(parse, saved.Settings);
        if (parse.GetValue(options.Data) is { } images && images.Contains(':') && !Directory.Exists(images))
        {
            throw new UserErrorException(
                $"--data {images} goes with --model, which is not given; alone, --data is a folder of digits.",
                ExitCode.Usage);
        }

        using var data = DigitData.Load(parse.GetValue(options.Data) ?? DigitData.BundledFolder, settings.Limit);
        return DigitTraining.Run(
            host, folder, device, settings, data, saved, parse.GetValue(options.ComparedDepths)!.Values,
            parse.GetValue(options.Profile), $"momentum train --resume --out {Shell.Quoted(parse.GetValue(options.Out)!)}");
    }

    private static int TrainImages(AppHost host, TrainOptions options, ParseResult parse, Device device)
    {
        var folder = Open(options, parse);
        var saved = parse.GetValue(options.Resume)
            ? SavedTraining<ImageTrainingSettings>.Read(folder.CheckpointPath)
            : null;
        string? weights = parse.GetValue(options.Image.Weights);
        if (saved != null && weights != null)
        {
            throw new UserErrorException(
                $"--weights {weights}: a training that goes on has its weights in the checkpoint; leave --weights out, or " +
                "start afresh without --resume.",
                ExitCode.Usage);
        }

        var settings = options.ImageSettings(parse, saved?.Settings ?? new ImageTrainingSettings("", "digits"));
        if (saved != null && settings != saved.Settings)
        {
            throw new UserErrorException(
                $"--resume: the checkpoint was made {string.Join(" and ", settings.Differences(saved.Settings))}, and goes on " +
                "as it was made; give what it was made with, or leave it out, or start afresh without --resume.",
                ExitCode.Usage);
        }

        return ImageTraining.Run(
            host, folder, device, settings, saved, weights,
            $"momentum train --model {settings.Model} --resume --out {Shell.Quoted(parse.GetValue(options.Out)!)}");
    }

    /// <summary>The --out folder; --resume makes none.</summary>
    private static OutputFolder Open(TrainOptions options, ParseResult parse)
    {
        string path = parse.GetValue(options.Out)!;
        return !parse.GetValue(options.Resume) || Directory.Exists(path)
            ? OutputFolder.Open(path)
            : throw new UserErrorException(
                $"--resume: there is no folder '{path}' with a checkpoint; leave --resume out to start, or name the right " +
                "folder with --out.");
    }
}
