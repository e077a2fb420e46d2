using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;
using MomentumCore.Layers;
using MomentumCore.Reversible;

namespace MomentumCore.Samples;

/// <summary>`momentum train` alone, the main job: digits learnt, memory modes compared, and a page about both.</summary>
internal static class DigitTraining
{
    private const int ComparedSteps = 5;
    private const double WeightDecay = 0.02;
    private const double RiseFraction = 0.25;

    /// <summary>Trains.</summary>
    /// <param name="host">Who watches.</param>
    /// <param name="folder">Where the files go.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="settings">What to compute.</param>
    /// <param name="data">The digits.</param>
    /// <param name="saved">The checkpoint to go on from, or null to start.</param>
    /// <param name="comparedDepths">Depths at which memory modes are compared.</param>
    /// <param name="hasProfile">Whether to print what every kernel took.</param>
    /// <param name="goOn">The command that goes on from a checkpoint.</param>
    public static int Run(
        AppHost host, OutputFolder folder, Device device, TrainingSettings settings, DigitData data,
        SavedTraining<TrainingSettings>? saved, int[] comparedDepths, bool hasProfile, string goOn)
    {
        var network = MakeNetwork(settings, device);
        using var trainer = MakeTrainer(settings, data, network, device, folder.CheckpointPath);
        if (saved != null)
            trainer.Restore(saved);
        host.Say(
            $"Momentum network, 2 × {settings.Depth} momentum layers, {network.Parameters().Sum(p => p.Count):N0} " +
            $"parameters, memory mode {settings.Memory}; {data.TrainingCount:N0} training and {data.TestCount:N0} test " +
            $"digits; {device.Name}: {device.Description}");
        using (var profile = hasProfile ? device.Profile() : null)
        {
            trainer.Run(host, goOn);
            if (profile != null)
                host.Result(profile.ToString());
        }

        var last = trainer.History[^1];
        var memory = Compare(host, settings, data, device, comparedDepths);
        var misread = Misread(trainer, data, host.Cancellation);
        TrainingReport.Write(folder, settings, trainer.History, memory, network, misread, data.TestCount, device.Name);
        host.Say($"Written: {string.Join(", ", TrainingReport.AllNames)} in {folder.FullPath}");
        host.Result(
            $"{Quantity.Percent(last.TestAccuracy)} of {data.TestCount:N0} test digits read correctly after " +
            $"{Quantity.Count(trainer.History.Count, "epoch")} " +
            $"in {Quantity.Time(TimeSpan.FromSeconds(trainer.History.Sum(e => e.Seconds)))}");
        return ExitCode.Ok;
    }

    private static DigitNetwork MakeNetwork(TrainingSettings settings, Device device)
    {
        using var random = RandomSource.Use(new RandomSource((ulong)settings.Seed));
        var network = new DigitNetwork(settings.Depth, SharedOptions.ToMemoryMode(settings.Memory));
        network.To(device);
        return network;
    }

    private static Trainer<TrainingSettings> MakeTrainer(
        TrainingSettings settings, DigitData data, DigitNetwork network, Device device, string checkpointPath)
    {
        int steps = settings.Epochs * data.BatchCount(settings.BatchSize);
        var optimizer = new AdamW(network.Parameters(), settings.LearningRate, weightDecay: WeightDecay);
        var schedule = new OneCycleSchedule(optimizer, settings.LearningRate, Math.Max(2, steps), RiseFraction);
        return new Trainer<TrainingSettings>(settings, data, network, optimizer, schedule, device, checkpointPath);
    }

    private static MemoryComparison Compare(
        AppHost host, TrainingSettings settings, DigitData data, Device device, int[] depths)
    {
        host.Say("Measuring one training step in both memory modes …");
        var comparison = MemoryComparison.Measure(
            device, depths, (depth, mode) => PrepareStep(settings, data, depth, mode, device), ComparedSteps,
            progress: null, host.Cancellation);
        comparison.Show(
            host, "One training step (depth: momentum layers in each stage; peak bytes of all tensors; median time):");
        return comparison;
    }

    /// <summary>A training step on the first batch, to be measured.</summary>
    private static TrainingStep PrepareStep(
        TrainingSettings settings, DigitData data, int depth, MemoryMode mode, Device device)
    {
        var network = MakeNetwork(settings with { Depth = depth, Memory = SharedOptions.NameOf(mode) }, device);
        using var scope = TensorScope.Begin();
        var (images, labels) = data
            .TrainingBatches(1, settings.BatchSize, settings.Seed, device, CancellationToken.None)
            .Select(b => (scope.Keep(b.Images.Clone()), scope.Keep(b.Labels.Clone())))
            .First();
        return new TrainingStep(network, images, y => y.CrossEntropy(labels), target: labels);
    }

    /// <summary>The test digits that the network takes for others, surest first.</summary>
    private static IReadOnlyList<MisreadDigit> Misread(
        Trainer<TrainingSettings> trainer, DigitData data, CancellationToken cancellation)
    {
        var misread = new List<MisreadDigit>();
        trainer.Evaluate((scores, labels, first) =>
        {
            float[] probabilities = scores.Softmax(1).ToArray<float>();
            long[] readings = scores.ArgMax(1).ToArray<long>();
            long[] truths = labels.ToArray<long>();
            int classes = scores.Shape[1];
            for (int i = 0; i < truths.Length; i++)
            {
                if (readings[i] != truths[i])
                {
                    float probability = probabilities[(i * classes) + readings[i]];
                    misread.Add(new MisreadDigit(
                        data.TestPixels(first + i), (int)truths[i], (int)readings[i], probability));
                }
            }
        }, cancellation);
        return [.. misread.OrderByDescending(d => d.Probability)];
    }
}
