using System.CommandLine;

namespace MomentumCore.Samples;

/// <summary>The options of `momentum train`, and how they become settings.</summary>
internal sealed class TrainOptions
{
    private readonly Option<int> _epochs = SharedOptions.Whole(
        "--epochs", "Passes over the training digits.", 10, 1, 100_000);
    private readonly Option<int> _batchSize = SharedOptions.Whole("--batch-size", "Digits in a step.", 32, 1, 10_000);
    private readonly Option<double> _rate = SharedOptions.Positive(
        "--lr", "Highest learning rate; it rises to it, then falls.", 0.01);
    private readonly Option<int> _seed = SharedOptions.Seed();
    private readonly Option<string> _memory = SharedOptions.Mode("--memory");
    private readonly Option<int> _limit = SharedOptions.Whole(
        "--limit",
        "Use at most so many training digits, and a quarter as many for the test. With --model: all by default; of " +
            "CIFAR and folders at most so many for training and so many for the test, the same share of each class.",
        8000, 1, int.MaxValue);
    private readonly Option<int> _depth = SharedOptions.Whole(
        "--depth", "Momentum layers in each of the two stages.", 4, 1, 1000);

    public Option<string> Out { get; } = SharedOptions.Out();

    public Option<bool> Resume { get; } =
        new("--resume") { Description = "Go on from the checkpoint in the --out folder." };

    public Option<string> DeviceName { get; } = SharedOptions.DeviceName();

    public Option<int> Threads { get; } = SharedOptions.Threads();

    public Option<bool> Profile { get; } = SharedOptions.Profile();

    public Option<bool> Quiet { get; } = SharedOptions.Quiet();

    public Option<string?> Data { get; } = new("--data")
    {
        Description = "Folder with digits as four IDX files, gzip or not. [default: the 10,000 that come with the app] " +
            $"With --model: {ImageData.Forms}.",
        HelpName = "folder",
    };

    public Option<NumberList> ComparedDepths { get; } = SharedOptions.WholeList(
        "--compare", "Depths at which the table sets storing against recomputing.",
        new NumberList(2, 4, 8, 16, 32, 64), 1, 1000);

    public IEnumerable<Option> All =>
    [
        _epochs, _batchSize, _rate, _seed, _memory, _depth, _limit, Data, Out, Resume, ComparedDepths, DeviceName,
        Threads, Profile, Quiet, .. Image.All,
    ];

    /// <summary>The options that go with --model.</summary>
    public ImageTrainOptions Image { get; } = new();

    /// <summary>The settings that the command line asks for with --model; what is left out is as in another.</summary>
    /// <exception cref="UserErrorException">An option is given that would change nothing.</exception>
    public ImageTrainingSettings ImageSettings(ParseResult parse, ImageTrainingSettings otherwise)
    {
        if (new Option[] { _depth, ComparedDepths, Profile }.FirstOrDefault(IsGiven) is { } ofDigits)
        {
            throw new UserErrorException(
                $"{ofDigits.Name} goes with the training of digits; leave it out, or leave --model out.", ExitCode.Usage);
        }

        var settings = Image.Settings(parse, otherwise with
        {
            Data = parse.GetValue(Data) ?? otherwise.Data,
            Epochs = Given(_epochs, otherwise.Epochs),
            BatchSize = Given(_batchSize, otherwise.BatchSize),
            LearningRate = Given(_rate, otherwise.LearningRate),
            Seed = Given(_seed, otherwise.Seed),
            Memory = Given(_memory, otherwise.Memory)!,
            Limit = Given(_limit, otherwise.Limit),
        });
        if (!settings.HasMomentum && new Option[] { _memory, Image.Gamma }.FirstOrDefault(IsGiven) is { } ofMomentum)
        {
            throw new UserErrorException(
                $"{ofMomentum.Name} goes with momentum layers, and {settings.Model} has none; choose m{settings.Model}, or add " +
                "--transform.",
                ExitCode.Usage);
        }

        return settings;

        bool IsGiven(Option option) => parse.GetResult(option) is { Implicit: false };

        T Given<T>(Option<T> option, T other) => IsGiven(option) ? parse.GetValue(option)! : other;
    }

    /// <summary>The settings that the command line asks for.</summary>
    public TrainingSettings Settings(ParseResult parse) => new(
        parse.GetValue(_epochs), parse.GetValue(_batchSize), parse.GetValue(_rate), parse.GetValue(_seed),
        parse.GetValue(_memory)!, parse.GetValue(_depth), parse.GetValue(_limit));

    /// <summary>The settings of a checkpoint, which what was given on the command line must not contradict.</summary>
    /// <exception cref="UserErrorException">It does: the training would not be the one that was stopped.</exception>
    public TrainingSettings SameSettings(ParseResult parse, TrainingSettings saved)
    {
        var asked = Settings(parse);
        Check(_epochs, asked.Epochs, saved.Epochs);
        Check(_batchSize, asked.BatchSize, saved.BatchSize);
        Check(_rate, asked.LearningRate, saved.LearningRate);
        Check(_seed, asked.Seed, saved.Seed);
        Check(_memory, asked.Memory, saved.Memory);
        Check(_depth, asked.Depth, saved.Depth);
        Check(_limit, asked.Limit, saved.Limit);
        return saved;

        void Check<T>(Option<T> option, T now, T then)
        {
            bool given = parse.GetResult(option) is { Implicit: false };
            if (given && !EqualityComparer<T>.Default.Equals(now, then))
            {
                throw new UserErrorException(
                    $"--resume: the checkpoint was made with {option.Name} {then}, not {now}, and goes on with what " +
                    "it was made with; " +
                    $"leave {option.Name} out, or start afresh without --resume.",
                    ExitCode.Usage);
            }
        }
    }
}
