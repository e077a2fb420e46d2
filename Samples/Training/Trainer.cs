using System.Diagnostics;
using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;
using MomentumCore.Layers;

namespace MomentumCore.Samples;

/// <summary>The training loop of this app: epochs of steps, a test and a checkpoint after each.</summary>
/// <remarks>
/// What an epoch computes depends on the settings, its number and the state at its start alone; so a training that was
/// stopped and resumed at an epoch's end has the same weights, bit for bit, as one that ran through.
/// </remarks>
/// <param name="settings">What to compute.</param>
/// <param name="images">What to learn.</param>
/// <param name="network">The network, on the device; disposed with the trainer.</param>
/// <param name="optimizer">What moves its weights; disposed with the trainer.</param>
/// <param name="schedule">The optimizer's rates.</param>
/// <param name="device">Where to compute.</param>
/// <param name="checkpointPath">The file that every epoch's end replaces.</param>
internal sealed class Trainer<TSettings>(
    TSettings settings, TrainingImages images, Module network, Optimizer optimizer, Schedule schedule, Device device,
    string checkpointPath) : IDisposable
    where TSettings : class, ITrainingSettings
{
    private const int TestBatchSize = 100;

    private readonly Checkpoint _checkpoint = new(network, optimizer, schedule);
    private readonly List<EpochResult> _history = [];
    private readonly int _batches = images.BatchCount(settings.BatchSize);

    /// <summary>One result for each epoch that is done.</summary>
    public IReadOnlyList<EpochResult> History => _history;

    /// <summary>Goes to where the checkpoint was written.</summary>
    /// <param name="saved">What the checkpoint says of its training; its settings are this one's.</param>
    /// <exception cref="UserErrorException">It learnt other images than there are now, or may have.</exception>
    public void Restore(SavedTraining<TSettings> saved)
    {
        if (saved.Images == null && settings.ImagesHaveMoved)
        {
            throw new UserErrorException(
                "--resume: the checkpoint was made with --limit by an older version, which took other images and did not " +
                "note which; start afresh without --resume.");
        }

        if (saved.Images != null && saved.Images != images.Fingerprint)
        {
            throw new UserErrorException(
                $"--resume: the {images.TrainingCount:N0} training and {images.TestCount:N0} test images are not those " +
                "that the checkpoint was made with; bring those back (--data), or start afresh without --resume.");
        }

        _checkpoint.Load(checkpointPath);
        _history.AddRange(saved.History);
    }

    /// <summary>Runs the epochs that are left and shows them.</summary>
    /// <param name="host">Who watches, and may stop it.</param>
    /// <param name="goOn">The command that goes on from a checkpoint.</param>
    /// <param name="log">Called after each epoch with all that are done.</param>
    /// <exception cref="UserErrorException">Stopped, or the loss became NaN; the last checkpoint stays.</exception>
    public void Run(AppHost host, string goOn, Action<IReadOnlyList<EpochResult>>? log = null)
    {
        if (_history.Count > 0)
            host.Say($"Resumed after epoch {_history.Count} of {settings.Epochs}.");
        else
            SetAside(host);
        var display = new TrainingDisplay(host, settings.Epochs);
        display.AddEarlier(_history);
        try
        {
            display.Run(progress => Run(progress, host.Cancellation, log));
        }
        catch (OperationCanceledException stopped) when (host.Cancellation.IsCancellationRequested)
        {
            throw new UserErrorException(
                _history.Count == 0
                    ? "interrupted in the first epoch; there is no checkpoint yet."
                    : $"interrupted; the checkpoint of epoch {_history.Count} of {settings.Epochs} is kept. Go on with: {goOn}",
                ExitCode.Interrupted,
                stopped);
        }
    }

    /// <summary>
    /// A start puts the checkpoint of an earlier training out of the way: --resume must not go on with that one as if it
    /// were this, and it should not be lost at once, either.
    /// </summary>
    private void SetAside(AppHost host)
    {
        if (!File.Exists(checkpointPath))
            return;
        string aside = Path.ChangeExtension(checkpointPath, ".before.safetensors");
        File.Move(checkpointPath, aside, overwrite: true);
        host.Say($"The checkpoint of an earlier training is now {Path.GetFileName(aside)}.");
    }

    /// <summary>Runs the epochs that are left.</summary>
    /// <returns>The results of all epochs.</returns>
    /// <exception cref="OperationCanceledException">Stopped; the checkpoint of the last whole epoch stays.</exception>
    public IReadOnlyList<EpochResult> Run(
        IProgress<TrainingProgress> progress, CancellationToken cancellation,
        Action<IReadOnlyList<EpochResult>>? log = null)
    {
        while (_history.Count < settings.Epochs)
        {
            var result = RunEpoch(_history.Count + 1, progress, cancellation);
            _history.Add(result);
            _checkpoint.Save(
                checkpointPath, new SavedTraining<TSettings>(settings, _history, images.Fingerprint).ToCounters());
            log?.Invoke(_history);
            var left = TimeSpan.FromSeconds(result.Seconds * (settings.Epochs - result.Epoch));
            progress.Report(new TrainingProgress(
                result.Epoch, _batches, _batches, result.TrainingLoss, result.TrainingAccuracy, result.ImagesPerSecond,
                left, result));
        }

        return _history;
    }

    /// <summary>Shows the network all test images, in order.</summary>
    /// <param name="visit">Called with scores, labels and the number of the first image.</param>
    /// <param name="cancellation">Stops it.</param>
    public void Evaluate(Action<Tensor, Tensor, int> visit, CancellationToken cancellation)
    {
        using var noGrad = NoGrad.Begin();
        network.Eval();
        int first = 0;
        foreach (var (batch, labels) in images.TestBatches(TestBatchSize, device, cancellation))
        {
            using var scope = TensorScope.Begin();
            visit(network.Call(batch), labels, first);
            first += labels.Count;
        }
    }

    public void Dispose()
    {
        optimizer.Dispose();
        network.Dispose();
    }

    private EpochResult RunEpoch(int epoch, IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        double lossSum = 0, correct = 0, rate = optimizer.LearningRate;
        int seen = 0, batch = 0;
        bool isOneRate = true;
        network.Train();
        foreach (var (inputs, labels) in images.TrainingBatches(
            epoch, settings.BatchSize, settings.Seed, device, cancellation))
        {
            isOneRate &= optimizer.LearningRate == rate;
            var (loss, hits) = Step(inputs, labels, epoch);
            lossSum += loss * labels.Count;
            correct += hits;
            seen += labels.Count;
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            double left = seconds / ++batch * (_batches - batch + (_batches * (settings.Epochs - epoch)));
            progress.Report(new TrainingProgress(
                epoch, batch, _batches, lossSum / seen, correct / seen, seen / seconds, TimeSpan.FromSeconds(left),
                Finished: null));
        }

        double trainingSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var (testLoss, testAccuracy) = Test(cancellation);
        RequireFinite(testLoss, epoch);
        return new EpochResult(
            epoch, lossSum / seen, correct / seen, testLoss, testAccuracy,
            Stopwatch.GetElapsedTime(start).TotalSeconds, seen / trainingSeconds)
        {
            LearningRate = isOneRate ? rate : null,
        };
    }

    private (double Loss, double Hits) Step(Tensor inputs, Tensor labels, int epoch)
    {
        using var scope = TensorScope.Begin();
        var scores = network.Call(inputs);
        var loss = scores.CrossEntropy(labels);
        double value = loss.Item();
        RequireFinite(value, epoch);
        optimizer.ZeroGradient();
        loss.Backward();
        optimizer.Step();
        schedule.Step();
        return (value, Hits(scores, labels));
    }

    private (double Loss, double Accuracy) Test(CancellationToken cancellation)
    {
        double lossSum = 0, correct = 0;
        Evaluate((scores, labels, _) =>
        {
            lossSum += scores.CrossEntropy(labels).Item() * labels.Count;
            correct += Hits(scores, labels);
        }, cancellation);
        return (lossSum / images.TestCount, correct / images.TestCount);
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
