namespace MomentumCore.Samples;

/// <summary>Where a training is.</summary>
/// <param name="Epoch">The epoch in hand, from 1.</param>
/// <param name="Batch">Batches done in it.</param>
/// <param name="Batches">Batches of an epoch.</param>
/// <param name="Loss">Mean loss of the epoch so far.</param>
/// <param name="Accuracy">Share of the epoch's digits read correctly so far.</param>
/// <param name="ImagesPerSecond">Digits a second in this epoch.</param>
/// <param name="TimeLeft">An estimate for the whole training.</param>
/// <param name="Finished">The result when the epoch has just ended, else null.</param>
internal sealed record TrainingProgress(
    int Epoch, int Batch, int Batches, double Loss, double Accuracy, double ImagesPerSecond, TimeSpan TimeLeft,
    EpochResult? Finished);
