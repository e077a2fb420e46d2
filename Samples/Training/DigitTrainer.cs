using System.Diagnostics;
using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;
using MomentumCore.Layers;

namespace MomentumCore.Samples;

/// <summary>The training loop of the main job: epochs of steps, a test and a checkpoint after each.</summary>
/// <remarks>
/// What an epoch computes depends on the settings, its number and the state at its start alone; so a training that was
/// stopped and resumed at an epoch's end has the same weights, bit for bit, as one that ran through.
/// </remarks>
internal sealed class DigitTrainer : IDisposable
{
    private const int TestBatchSize = 250;
    private const double WeightDecay = 0.02;
    private const double RiseFraction = 0.25;

    private readonly TrainingSettings _settings;
    private readonly DigitData _data;
    private readonly Device _device;
    private readonly string _checkpointPath;
    private readonly AdamW _optimizer;
    private readonly OneCycleSchedule _schedule;
    private readonly Checkpoint _checkpoint;
    private readonly List<EpochResult> _history = [];
    private readonly int _batches;

    /// <param name="settings">What to compute.</param>
    /// <param name="data">The digits.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="checkpointPath">The file that every epoch's end replaces.</param>
    public DigitTrainer(TrainingSettings settings, DigitData data, Device device, string checkpointPath)
    {
        _settings = settings;
        _data = data;
        _device = device;
        _checkpointPath = checkpointPath;
        using var random = RandomSource.Use(new RandomSource((ulong)settings.Seed));
        Network = new DigitNetwork(settings.Depth, SharedOptions.ToMemoryMode(settings.Memory));
        Network.To(device);
        _batches = data.BatchCount(settings.BatchSize);
        _optimizer = new AdamW(Network.Parameters(), settings.LearningRate, weightDecay: WeightDecay);
        _schedule = new OneCycleSchedule(
            _optimizer, settings.LearningRate, Math.Max(2, settings.Epochs * _batches), RiseFraction);
        _checkpoint = new Checkpoint(Network, _optimizer, _schedule);
    }

    public DigitNetwork Network { get; }

    /// <summary>One result for each epoch that is done.</summary>
    public IReadOnlyList<EpochResult> History => _history;

    /// <summary>Goes to where the checkpoint was written.</summary>
    /// <param name="saved">What the checkpoint says of its training; its settings are this one's.</param>
    public void Restore(SavedTraining saved)
    {
        _checkpoint.Load(_checkpointPath);
        _history.AddRange(saved.History);
    }

    /// <summary>Runs the epochs that are left.</summary>
    /// <exception cref="OperationCanceledException">Stopped; the checkpoint of the last whole epoch stays.</exception>
    /// <exception cref="UserErrorException">The loss became NaN; the last checkpoint stays.</exception>
    public void Run(IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        while (_history.Count < _settings.Epochs)
        {
            var result = RunEpoch(_history.Count + 1, progress, cancellation);
            _history.Add(result);
            _checkpoint.Save(_checkpointPath, new SavedTraining(_settings, _history).ToCounters());
            var left = TimeSpan.FromSeconds(result.Seconds * (_settings.Epochs - result.Epoch));
            progress.Report(new TrainingProgress(
                result.Epoch, _batches, _batches, result.TrainingLoss, result.TrainingAccuracy, result.ImagesPerSecond,
                left, result));
        }
    }

    /// <summary>The test digits that the network takes for others, least sure last.</summary>
    public IReadOnlyList<MisreadDigit> Misread(CancellationToken cancellation)
    {
        var misread = new List<MisreadDigit>();
        Evaluate((scores, labels, first) =>
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
                        _data.TestPixels(first + i), (int)truths[i], (int)readings[i], probability));
                }
            }
        }, cancellation);
        return [.. misread.OrderByDescending(d => d.Probability)];
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        Network.Dispose();
    }

    private EpochResult RunEpoch(int epoch, IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        double lossSum = 0;
        double correct = 0;
        int seen = 0;
        int batch = 0;
        Network.Train();
        foreach (var (images, labels) in _data.TrainingBatches(
            epoch, _settings.BatchSize, _settings.Seed, _device, cancellation))
        {
            var (loss, hits) = Step(images, labels, epoch);
            int count = images.Shape[0];
            lossSum += loss * count;
            correct += hits;
            seen += count;
            batch++;
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            double left = seconds / batch * (_batches - batch + (_batches * (_settings.Epochs - epoch)));
            progress.Report(new TrainingProgress(
                epoch, batch, _batches, lossSum / seen, correct / seen, seen / seconds, TimeSpan.FromSeconds(left),
                Finished: null));
        }

        double trainingSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var (testLoss, testAccuracy) = Test(cancellation);
        RequireFinite(testLoss, epoch);
        return new EpochResult(
            epoch, lossSum / seen, correct / seen, testLoss, testAccuracy,
            Stopwatch.GetElapsedTime(start).TotalSeconds, seen / trainingSeconds);
    }

    private (double Loss, double Hits) Step(Tensor images, Tensor labels, int epoch)
    {
        using var scope = TensorScope.Begin();
        var scores = Network.Call(images);
        var loss = scores.CrossEntropy(labels);
        double value = loss.Item();
        RequireFinite(value, epoch);
        _optimizer.ZeroGradient();
        loss.Backward();
        _optimizer.Step();
        _schedule.Step();
        return (value, Hits(scores, labels));
    }

    private (double Loss, double Accuracy) Test(CancellationToken cancellation)
    {
        double lossSum = 0;
        double correct = 0;
        Evaluate((scores, labels, _) =>
        {
            lossSum += scores.CrossEntropy(labels).Item() * labels.Count;
            correct += Hits(scores, labels);
        }, cancellation);
        return (lossSum / _data.TestCount, correct / _data.TestCount);
    }

    private void Evaluate(Action<Tensor, Tensor, int> visit, CancellationToken cancellation)
    {
        using var noGrad = NoGrad.Begin();
        Network.Eval();
        int first = 0;
        foreach (var (images, labels) in _data.TestBatches(TestBatchSize, _device, cancellation))
        {
            using var scope = TensorScope.Begin();
            visit(Network.Call(images), labels, first);
            first += labels.Count;
        }
    }

    private void RequireFinite(double loss, int epoch) => FiniteLoss.Require(
        loss, $"epoch {epoch}", "--lr",
        _history.Count > 0 ? $"The checkpoint of epoch {_history.Count} is kept." : "There is no checkpoint yet.");

    private static double Hits(Tensor scores, Tensor labels)
    {
        using var noGrad = NoGrad.Begin();
        return scores.ArgMax(1).Equal(labels).Sum().Item();
    }
}
