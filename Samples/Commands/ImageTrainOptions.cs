using System.CommandLine;

namespace MomentumCore.Samples;

/// <summary>The options of `momentum train` that go with --model.</summary>
internal sealed class ImageTrainOptions
{
    private readonly Option<string?> _model = new("--model")
    {
        Description = $"Train on images rather than digits: {string.Join(", ", ImageModels.Names)}.",
        HelpName = "name",
    };

    private readonly Option<bool> _learnedVelocity = new("--learned-velocity")
    {
        Description = "With an m-model: a block of its own gives each stage's initial velocity.",
    };

    private readonly Option<bool> _transform = new("--transform")
    {
        Description = "With a ResNet: turn it into its momentum form, after --weights was read.",
    };

    private readonly Option<int> _width = SharedOptions.Whole(
        "--width", "With --model: channels after the stem.", 64, 1, 4096);

    private readonly Option<int?> _imageSize = SharedOptions.OptionalWhole(
        "--image-size",
        "With folder:PATH: resize each picture to so many pixels at its shorter side; keep the square in the middle.",
        8, 4096);

    private readonly Option<string?> _stem = new("--stem")
    {
        Description = "With --model: how it begins: imagenet (7 × 7, stride 2, pooling) or cifar (3 × 3). " +
            "[default: as in --weights; else cifar for images of up to 64 pixels]",
        HelpName = "imagenet|cifar",
    };

    public ImageTrainOptions()
    {
        _stem.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } got && !ImageModels.Stems.Contains(got))
                result.AddError($"--stem must be one of {string.Join(", ", ImageModels.Stems)}; got '{got}'.");
        });
        _model.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } got && !ImageModels.Names.Contains(got))
                result.AddError($"--model must be one of {string.Join(", ", ImageModels.Names)}; got '{got}'.");
        });
    }

    /// <summary>γ of momentum layers.</summary>
    public Option<double> Gamma { get; } = SharedOptions.Positive("--gamma", "With --model: γ of momentum layers.", 0.9);

    /// <summary>Where the first weights come from.</summary>
    public Option<string?> Weights { get; } = new("--weights")
    {
        Description = "With --model: a weight file to start from; what does not fit, such as the classifier, is left.",
        HelpName = "file",
    };

    public IEnumerable<Option> All => [_model, Gamma, _learnedVelocity, _transform, _width, _imageSize, _stem, Weights];

    /// <summary>Whether --model is given.</summary>
    /// <exception cref="UserErrorException">It is not, but something that goes with it.</exception>
    public bool IsAsked(ParseResult parse)
    {
        if (parse.GetValue(_model) != null)
            return true;
        if (All.FirstOrDefault(o => parse.GetResult(o) is { Implicit: false }) is { } lost)
        {
            throw new UserErrorException(
                $"{lost.Name} goes with --model, which is not given; see: momentum train --help", ExitCode.Usage);
        }

        return false;
    }

    /// <summary>The settings of the command line; what is left out is as in another.</summary>
    /// <exception cref="UserErrorException">A learned velocity of a model that has none.</exception>
    public ImageTrainingSettings Settings(ParseResult parse, ImageTrainingSettings otherwise)
    {
        string model = parse.GetValue(_model)!;
        if (parse.GetValue(_learnedVelocity) && !model.StartsWith('m'))
        {
            throw new UserErrorException(
                $"--learned-velocity goes with an m-model; choose --model m{model}, or leave it out.", ExitCode.Usage);
        }

        return otherwise with
        {
            Model = model,
            Gamma = Given(Gamma, otherwise.Gamma),
            LearnedVelocity = Given(_learnedVelocity, otherwise.LearnedVelocity),
            Transform = Given(_transform, otherwise.Transform),
            Width = Given(_width, otherwise.Width),
            Stem = Given(_stem, otherwise.Stem) ?? "",
            ImageSize = Given(_imageSize, otherwise.ImageSize) ?? 0,
        };

        T Given<T>(Option<T> option, T other) =>
            parse.GetResult(option) is { Implicit: false } ? parse.GetValue(option)! : other;
    }
}
