using System.Globalization;
using System.Text.Json;
using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;
using MomentumCore.Layers;

namespace MomentumCore.Samples;

/// <summary>`momentum train --model`: a whole training, from the data to curves, logs and weights.</summary>
internal static class ImageTraining
{
    /// <summary>What it writes into the --out folder.</summary>
    public static IReadOnlyList<string> AllNames { get; } =
        [LogName, LinesName, CurvesName, WeightsName, OutputFolder.CheckpointName];

    private const string LogName = "log.csv";
    private const string LinesName = "log.jsonl";
    private const string CurvesName = "curves.svg";
    private const string WeightsName = "weights.safetensors";

    private const double Momentum = 0.9, WeightDecay = 5e-4;

    /// <summary>Trains.</summary>
    /// <param name="host">Who watches.</param>
    /// <param name="folder">Where the files go.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="settings">What to compute.</param>
    /// <param name="saved">The checkpoint to go on from, or null to start.</param>
    /// <param name="weights">A weight file to start from, or null.</param>
    /// <param name="goOn">The command that goes on from a checkpoint.</param>
    public static int Run(
        AppHost host, OutputFolder folder, Device device, ImageTrainingSettings settings,
        SavedTraining<ImageTrainingSettings>? saved, string? weights, string goOn)
    {
        using var data = ImageData.Load(settings.Data, settings.Limit, settings.ImageSize, host.Cancellation);
        using var random = RandomSource.Use(new RandomSource((ulong)settings.Seed));
        string? first = saved == null ? weights : null;
        settings = settings with { Stem = ImageModels.Stem(settings, data.Side, first) };
        RequireNormalizable(settings, data);
        var (model, report) = ImageModels.Make(settings, data.Classes, first);
        using var trainer = MakeTrainer(settings, data, model, device, folder.CheckpointPath);
        if (saved != null)
            trainer.Restore(saved);
        host.Say(
            $"{settings.Model}, {model.Parameters().Sum(p => p.Count):N0} parameters, {settings.MomentumText()}; " +
            $"{data.TrainingCount:N0} training and {data.TestCount:N0} test images of {data.Classes} classes; {device.Name}");
        if (report != null)
            host.Say($"Read {weights}: {report}");
        // Also where nothing is left to do: a resumed training leaves what one that ran through does.
        if (saved != null)
            Log(folder, settings, trainer.History);
        trainer.Run(host, goOn, results => Log(folder, settings, results));
        var last = trainer.History[^1];
        Safetensors.Save(folder.PathOf(WeightsName), model.StateDict(), new Dictionary<string, string>
        {
            ["model"] = settings.Model,
            ["data"] = settings.Data.Split(':')[0],
            ["testAccuracy"] = Quantity.Percent(last.TestAccuracy),
        });
        host.Say($"Written: {string.Join(", ", AllNames)} in {folder.FullPath}");
        host.Result(
            $"{Quantity.Percent(last.TestAccuracy)} of {data.TestCount:N0} test images right after " +
            $"{Quantity.Count(trainer.History.Count, "epoch")}");
        return ExitCode.Ok;
    }

    /// <summary>
    /// A last batch of one image that the model brings down to one pixel has no variance for its batch norms: known
    /// before an epoch is computed.
    /// </summary>
    private static void RequireNormalizable(ImageTrainingSettings settings, ImageData data)
    {
        int last = data.TrainingCount % settings.BatchSize;
        if ((last == 0 ? settings.BatchSize : last) > 1 || ImageModels.LastSide(settings, data.Side) > 1)
            return;
        string limit = data.TrainingCount > 1 ? $", or leave an image out (--limit {data.TrainingCount - 1})" : "";
        throw new UserErrorException(
            $"--batch-size {settings.BatchSize}: the last of {data.TrainingCount:N0} training images would be a batch of its " +
            $"own, of one pixel in the model's last stage, which batch norms cannot train on; choose another " +
            $"--batch-size{limit}.",
            ExitCode.Usage);
    }

    /// <summary>
    /// The recipe of the authors' trainer: SGD with momentum 0.9 and weight decay 5e-4, the rate a tenth for the last epochs.
    /// </summary>
    internal static Trainer<ImageTrainingSettings> MakeTrainer(
        ImageTrainingSettings settings, ImageData data, Module model, Device device, string checkpointPath)
    {
        model.To(device);
        var optimizer = new Sgd(model.Parameters(), settings.LearningRate, momentum: Momentum, weightDecay: WeightDecay);
        int firstOfSlowEpochs = (int)Math.Round(settings.Epochs * 9 / 11.0);
        var schedule = new MultiStepSchedule(
            optimizer, [Math.Max(1, firstOfSlowEpochs) * data.BatchCount(settings.BatchSize)]);
        return new Trainer<ImageTrainingSettings>(settings, data, model, optimizer, schedule, device, checkpointPath);
    }

    private static void Log(OutputFolder folder, ImageTrainingSettings settings, IReadOnlyList<EpochResult> history)
    {
        // Whole files, so that a resumed training's log is that of one that ran through.
        const string head =
            "epoch,trainingLoss,trainingAccuracy,testLoss,testAccuracy,learningRate,seconds,imagesPerSecond\n";
        folder.Write(LogName, head +
            string.Concat(history.Select(e => string.Create(
                CultureInfo.InvariantCulture,
                $"{e.Epoch},{e.TrainingLoss:R},{e.TrainingAccuracy:R},{e.TestLoss:R},{e.TestAccuracy:R},{e.LearningRate:R}," +
                $"{e.Seconds:0.###},{e.ImagesPerSecond:0.#}\n"))));
        folder.Write(
            LinesName, string.Concat(history.Select(e => JsonSerializer.Serialize(e, JsonSerializerOptions.Web) + "\n")));
        folder.Write(CurvesName, TrainingReport.Curves(
            $"{settings.Model}: {Quantity.Percent(history[^1].TestAccuracy)} of the test images right after " +
            $"{Quantity.Count(history.Count, "epoch")}",
            $"{settings.Data.Split(':')[0]}, batch {settings.BatchSize}, {settings.MomentumText()}, seed {settings.Seed}",
            "Wrong answers",
            history).ToSvg());
    }
}
