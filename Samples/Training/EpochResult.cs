using System.Text.Json.Serialization;

namespace MomentumCore.Samples;

/// <summary>How a training stood at the end of one epoch.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="TrainingLoss">Mean cross-entropy over the epoch's batches, while the weights moved.</param>
/// <param name="TrainingAccuracy">Share of those digits read correctly.</param>
/// <param name="TestLoss">Mean cross-entropy over the test digits.</param>
/// <param name="TestAccuracy">Share of the test digits read correctly.</param>
/// <param name="Seconds">Time of the epoch, its test included.</param>
/// <param name="ImagesPerSecond">Training digits a second, without the test.</param>
internal sealed record EpochResult(
    int Epoch, double TrainingLoss, double TrainingAccuracy, double TestLoss, double TestAccuracy, double Seconds,
    double ImagesPerSecond)
{
    /// <summary>The learning rate of the epoch, where it has one only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? LearningRate { get; init; }
}
