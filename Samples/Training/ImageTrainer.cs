using System.Diagnostics;
using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;
using MomentumCore.Layers;

namespace MomentumCore.Samples;

/// <summary>
/// The training loop of `momentum train --model`, with the recipe of the authors' trainer: SGD with momentum 0.9 and weight
/// decay 5e-4, the rate a tenth for the last epochs; a test and a checkpoint after each epoch.
/// </summary>
/// <remarks>
/// What an epoch computes depends on the settings, its number and the state at its start alone; so a resumed training has
/// the same weights, bit for bit, as one that ran through.
/// </remarks>
internal sealed class ImageTrainer : IDisposable
{
    private const int TestBatchSize = 100;

    private readonly ImageTrainingSettings _settings;
    private readonly ImageData _data;
    private readonly Device _device;
    private readonly Sgd _optimizer;
    private readonly MultiStepSchedule _schedule;
    private readonly Checkpoint _checkpoint;
    private readonly List<EpochResult> _history = [];
    private readonly int _batches;

    /// <param name="settings">What to compute.</param>
    /// <param name="data">The images.</param>
    /// <param name="network">The network; disposed with the trainer.</param>
    /// <param name="device">Where to compute.</param>
    public ImageTrainer(ImageTrainingSettings settings, ImageData data, Module network, Device device)
    {
        (_settings, _data, _device, Network) = (settings, data, device, network);
        network.To(device);
        _batches = data.BatchCount(settings.BatchSize);
        _optimizer = new Sgd(network.Parameters(), settings.LearningRate, momentum: 0.9, weightDecay: 5e-4);
        int firstOfSlowEpochs = (int)Math.Round(settings.Epochs * 9 / 11.0);
        _schedule = new MultiStepSchedule(_optimizer, [Math.Max(1, firstOfSlowEpochs) * _batches]);
        _checkpoint = new Checkpoint(network, _optimizer, _schedule);
    }

    public Module Network { get; }

    /// <summary>One result for each epoch that is done.</summary>
    public IReadOnlyList<EpochResult> History => _history;

    /// <summary>Goes to where the checkpoint was written.</summary>
    public void Restore(string checkpointPath, IEnumerable<EpochResult> history)
    {
        _checkpoint.Load(checkpointPath);
        _history.AddRange(history);
    }

    /// <summary>Runs the epochs that are left; after each, the checkpoint is replaced and <paramref name="log"/> called.</summary>
    public void Run(
        string checkpointPath, Action<IReadOnlyList<EpochResult>> log, IProgress<TrainingProgress> progress,
        CancellationToken cancellation)
    {
        while (_history.Count < _settings.Epochs)
        {
            var result = RunEpoch(_history.Count + 1, progress, cancellation);
            _history.Add(result);
            _checkpoint.Save(checkpointPath, SavedTraining.Counters(_settings, _history));
            log(_history);
            var left = TimeSpan.FromSeconds(result.Seconds * (_settings.Epochs - result.Epoch));
            progress.Report(new TrainingProgress(
                result.Epoch, _batches, _batches, result.TrainingLoss, result.TrainingAccuracy, result.ImagesPerSecond,
                left, result));
        }
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        Network.Dispose();
    }

    private EpochResult RunEpoch(int epoch, IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        double lossSum = 0, correct = 0, rate = _optimizer.LearningRate;
        int seen = 0, batch = 0;
        Network.Train();
        foreach (var (images, labels) in _data.TrainingBatches(
            epoch, _settings.BatchSize, _settings.Seed, _device, cancellation))
        {
            var (loss, hits) = Step(images, labels, epoch);
            lossSum += loss * labels.Count;
            correct += hits;
            seen += labels.Count;
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            double left = seconds / ++batch * (_batches - batch + (_batches * (_settings.Epochs - epoch)));
            progress.Report(new TrainingProgress(
                epoch, batch, _batches, lossSum / seen, correct / seen, seen / seconds, TimeSpan.FromSeconds(left),
                Finished: null));
        }

        double trainingSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var (testLoss, testAccuracy) = Test(cancellation);
        return new EpochResult(
            epoch, lossSum / seen, correct / seen, testLoss, testAccuracy,
            Stopwatch.GetElapsedTime(start).TotalSeconds, seen / trainingSeconds) { LearningRate = rate };
    }

    private (double Loss, double Hits) Step(Tensor images, Tensor labels, int epoch)
    {
        using var scope = TensorScope.Begin();
        var scores = Network.Call(images);
        var loss = scores.CrossEntropy(labels);
        double value = loss.Item();
        FiniteLoss.Require(
            value, $"epoch {epoch}", "--lr",
            _history.Count > 0 ? $"The checkpoint of epoch {_history.Count} is kept." : "There is no checkpoint yet.");
        _optimizer.ZeroGradient();
        loss.Backward();
        _optimizer.Step();
        _schedule.Step();
        return (value, Hits(scores, labels));
    }

    private (double Loss, double Accuracy) Test(CancellationToken cancellation)
    {
        using var noGrad = NoGrad.Begin();
        Network.Eval();
        double lossSum = 0, correct = 0;
        foreach (var (images, labels) in _data.TestBatches(TestBatchSize, _device, cancellation))
        {
            using var scope = TensorScope.Begin();
            var scores = Network.Call(images);
            lossSum += scores.CrossEntropy(labels).Item() * labels.Count;
            correct += Hits(scores, labels);
        }

        return (lossSum / _data.TestCount, correct / _data.TestCount);
    }

    private static double Hits(Tensor scores, Tensor labels)
    {
        using var noGrad = NoGrad.Begin();
        return scores.ArgMax(1).Equal(labels).Sum().Item();
    }
}
