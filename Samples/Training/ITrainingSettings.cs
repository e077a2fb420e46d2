namespace MomentumCore.Samples;

/// <summary>What all trainings of this app are asked for, whatever they train.</summary>
internal interface ITrainingSettings
{
    /// <summary>Passes over the training images.</summary>
    int Epochs { get; }

    /// <summary>Images in a step.</summary>
    int BatchSize { get; }

    /// <summary>Where start weights, order and changes of the images come from.</summary>
    int Seed { get; }

    /// <summary>
    /// Whether versions that did not note their images in the checkpoint may have taken others for the same settings.
    /// </summary>
    bool ImagesHaveMoved { get; }
}
