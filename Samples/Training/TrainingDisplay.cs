using Spectre.Console;

namespace MomentumCore.Samples;

/// <summary>Shows a training while it runs: a live table and bar on a terminal, one line per epoch elsewhere.</summary>
internal sealed class TrainingDisplay(AppHost host, int epochs)
{
    private const int BarWidth = 28;

    /// <summary>Rows of the live table, so that it fits a terminal of 24 lines.</summary>
    private const int ShownEpochs = 16;
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromMilliseconds(100);
    private static readonly string[] Headers =
        ["Epoch", "Loss", "Accuracy", "Test loss", "Test accuracy", "Images/s", "Time"];

    private readonly List<EpochResult> _finished = [];

    /// <summary>Shows epochs that an earlier run has done.</summary>
    public void AddEarlier(IEnumerable<EpochResult> results) => _finished.AddRange(results);

    /// <summary>Runs the training and shows what it reports.</summary>
    public T Run<T>(Func<IProgress<TrainingProgress>, T> train)
    {
        if (host.Quiet)
            return train(new DirectProgress<TrainingProgress>(_ => { }));
        if (!host.IsInteractive)
            return train(new DirectProgress<TrainingProgress>(WritePlainLine));
        return host.Console.Live(new Text("")).Start(live =>
        {
            var last = DateTime.MinValue;
            return train(new DirectProgress<TrainingProgress>(progress =>
            {
                if (progress.Finished != null)
                    _finished.Add(progress.Finished);
                else if (DateTime.UtcNow - last < RefreshInterval)
                    return;
                last = DateTime.UtcNow;
                live.UpdateTarget(Picture(progress));
                live.Refresh();
            }));
        });
    }

    private void WritePlainLine(TrainingProgress progress)
    {
        if (progress.Finished is not { } epoch)
            return;
        string left = progress.TimeLeft > TimeSpan.Zero ? $"  {Quantity.Time(progress.TimeLeft)} left" : "";
        host.Say(
            $"epoch {epoch.Epoch}/{epochs}  loss {epoch.TrainingLoss:0.0000}  accuracy " +
            $"{Quantity.Percent(epoch.TrainingAccuracy)}  " +
            $"test {Quantity.Percent(epoch.TestAccuracy)}  {epoch.ImagesPerSecond:#,0} images/s{left}");
    }

    private Rows Picture(TrainingProgress progress)
    {
        var table = new Table().Border(TableBorder.Rounded).BorderColor(Color.Grey);
        foreach (string header in Headers)
            table.AddColumn(new TableColumn(new Text(header)).RightAligned());
        foreach (var epoch in _finished.TakeLast(ShownEpochs))
        {
            table.AddRow(
                $"{epoch.Epoch}", $"{epoch.TrainingLoss:0.0000}", Quantity.Percent(epoch.TrainingAccuracy),
                $"{epoch.TestLoss:0.0000}",
                $"[bold]{Quantity.Percent(epoch.TestAccuracy)}[/]", $"{epoch.ImagesPerSecond:#,0}",
                $"{epoch.Seconds:0.0} s");
        }

        if (progress.Finished != null && progress.Epoch == epochs)
            return new Rows(table);
        return new Rows(table, Bar(progress));
    }

    private Markup Bar(TrainingProgress progress)
    {
        double done = (progress.Epoch - 1 + ((double)progress.Batch / progress.Batches)) / epochs;
        int filled = (int)Math.Round(done * BarWidth);
        return new Markup(
            $"[blue]{new string('━', filled)}[/][grey]{new string('━', BarWidth - filled)}[/] epoch " +
            $"{progress.Epoch}/{epochs}  " +
            $"loss {progress.Loss:0.000}  accuracy {Quantity.Percent(progress.Accuracy)}  " +
            $"{progress.ImagesPerSecond:#,0} images/s  [grey]{Quantity.Time(progress.TimeLeft)} left, Ctrl-C stops[/]");
    }
}
