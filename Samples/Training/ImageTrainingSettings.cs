using System.Globalization;

namespace MomentumCore.Samples;

/// <summary>
/// Everything that decides what `momentum train --model` computes; a checkpoint carries it, so that a resumed training
/// cannot differ. The defaults are the recipe of the authors' trainer.
/// </summary>
/// <param name="Model">Its name, see <see cref="ImageModels"/>.</param>
/// <param name="Data">Which images, see <see cref="ImageData"/>.</param>
internal sealed record ImageTrainingSettings(string Model, string Data) : ITrainingSettings
{
    /// <summary>Passes over the training images; the rate falls to a tenth after 9 of 11 of them.</summary>
    public int Epochs { get; init; } = 220;

    /// <summary>Images in a step.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>The learning rate at first.</summary>
    public double LearningRate { get; init; } = 0.01;

    /// <summary>Where start weights, order, shifts and flips come from.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>What momentum layers keep for backward.</summary>
    public string Memory { get; init; } = "recompute";

    /// <summary>γ of momentum layers.</summary>
    public double Gamma { get; init; } = 0.9;

    /// <summary>Whether a block of its own gives the initial velocity.</summary>
    public bool LearnedVelocity { get; init; }

    /// <summary>Whether a ResNet is turned into its momentum form after its weights were read.</summary>
    public bool Transform { get; init; }

    /// <summary>Channels after the stem.</summary>
    public int Width { get; init; } = 64;

    /// <summary>The most training images that are used, and test images (digits: a quarter); 0 for all.</summary>
    public int Limit { get; init; }

    /// <summary>Pixels of a side to which the pictures of a folder are brought; 0 to take them as they are.</summary>
    public int ImageSize { get; init; }

    /// <summary>How the model begins, one of <see cref="ImageModels.Stems"/>; "" to go by weights and images.</summary>
    public string Stem { get; init; } = "";

    // A limit took the first images before it took a share of each class; of digits it takes the first still.
    bool ITrainingSettings.ImagesHaveMoved => Limit > 0 && Data.Split(':')[0] != "digits";

    /// <summary>Whether the model has momentum layers.</summary>
    public bool HasMomentum => Model.StartsWith('m') || Transform;

    /// <summary>In the words of the command line, what earlier settings have otherwise: with --epochs 2, not 5.</summary>
    public IEnumerable<string> Differences(ImageTrainingSettings earlier)
    {
        var now = Options();
        return earlier.Options().Zip(now, (then, other) => (then.Name, Then: then.Value, Now: other.Value))
            .Where(o => o.Then != o.Now)
            .Select(o => o.Then.Length == 0 ? $"without {o.Name}"
                : o.Now.Length == 0 ? $"with {o.Name}{(o.Then == "true" ? "" : " " + o.Then)}"
                : $"with {o.Name} {o.Then}, not {o.Now}");
    }

    /// <summary>What is said of the momentum layers, if there are any.</summary>
    public string MomentumText() => HasMomentum
        ? FormattableString.Invariant($"γ {Gamma}, memory mode {Memory}")
        : "without momentum layers";

    /// <summary>Every setting as its option and what follows it; nothing where it is not given.</summary>
    private (string Name, string Value)[] Options() =>
    [
        ("--model", Model), ("--data", Data), ("--epochs", Text(Epochs)), ("--batch-size", Text(BatchSize)),
        ("--lr", Text(LearningRate)), ("--seed", Text(Seed)), ("--memory", Memory), ("--gamma", Text(Gamma)),
        ("--learned-velocity", Text(LearnedVelocity)), ("--transform", Text(Transform)), ("--width", Text(Width)),
        ("--limit", Text(Limit)), ("--image-size", Text(ImageSize)), ("--stem", Stem),
    ];

    private static string Text(bool given) => given ? "true" : "";

    private static string Text(double value) => value == 0 ? "" : value.ToString(CultureInfo.InvariantCulture);
}
