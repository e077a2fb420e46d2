namespace MomentumCore.Samples;

/// <summary>
/// Everything that decides what a training computes; a checkpoint carries it, so that a resumed one cannot differ.
/// </summary>
/// <param name="Epochs">Passes over the training digits.</param>
/// <param name="BatchSize">Digits in a step.</param>
/// <param name="LearningRate">The highest rate of the one-cycle schedule.</param>
/// <param name="Seed">Where start weights, order and shifts of the digits come from.</param>
/// <param name="Memory">"store" or "recompute".</param>
/// <param name="Depth">Momentum layers in each of the two stages.</param>
/// <param name="Limit">The most training digits that are used.</param>
internal sealed record TrainingSettings(
    int Epochs, int BatchSize, double LearningRate, int Seed, string Memory, int Depth, int Limit) : ITrainingSettings
{
    // Always the first ones.
    bool ITrainingSettings.ImagesHaveMoved => false;
}
