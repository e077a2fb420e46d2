using MomentumCore.Engine;
using MomentumCore.Layers;
using MomentumCore.Reversible;

namespace MomentumCore.Samples;

/// <summary>The models that `momentum train --model` knows, by the names of the authors' trainer.</summary>
internal static class ImageModels
{
    private const int LargestSmallImage = 64;
    private const int MostShown = 3;
    private const string FirstWeight = "conv1.weight";
    private const string Classifier = "fc.";
    private const string Counter = ".num_batches_tracked";
    private const string TransformedPart = ".network.";

    private static readonly Dictionary<string, ResNetOptions> Sizes = new()
    {
        ["resnet18"] = new ResNetOptions(2, 2, 2, 2),
        ["resnet34"] = new ResNetOptions(3, 4, 6, 3),
        ["resnet50"] = new ResNetOptions(3, 4, 6, 3) { Bottleneck = true },
        ["resnet101"] = new ResNetOptions(3, 4, 23, 3) { Bottleneck = true },
        ["resnet152"] = new ResNetOptions(3, 8, 36, 3) { Bottleneck = true },
    };

    /// <summary>All names; m stands for the momentum form of the authors' package.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Sizes.Keys, .. Sizes.Keys.Select(n => "m" + n)];

    /// <summary>What --stem may be.</summary>
    public static IReadOnlyList<string> Stems { get; } = ["imagenet", "cifar"];

    /// <summary>How a model begins: as asked, or as the weights that it starts from do, or as fits the images.</summary>
    /// <param name="settings">What was asked.</param>
    /// <param name="side">The images' height.</param>
    /// <param name="weights">A weight file, or null.</param>
    public static string Stem(ImageTrainingSettings settings, int side, string? weights)
    {
        if (settings.Stem.Length > 0)
            return settings.Stem;
        var first = weights == null
            ? null
            : WeightFile.Inspect(weights).Tensors.FirstOrDefault(t => t.Name == FirstWeight);
        return first switch
        {
            { Shape: [_, _, _, 7] } => Stems[0],
            { Shape: [_, _, _, 3] } => Stems[1],
            _ => side <= LargestSmallImage ? Stems[1] : Stems[0],
        };
    }

    /// <summary>The height of what the last stage of a model gives for images of a height.</summary>
    public static int LastSide(ImageTrainingSettings settings, int side)
    {
        // Convolutions of stride 2, and the pooling, round up.
        int halvings = settings.Stem == Stems[0] ? 5 : 3;
        return (side + (1 << halvings) - 1) >> halvings;
    }

    /// <summary>Makes a model for images of a size, and reads weights into it, if there are any.</summary>
    /// <param name="settings">Which model; with its <see cref="Stem"/>.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="weights">
    /// A weight file, or null; of a ResNet or, by its names, of what the transform made of one. All of it has to fit but the
    /// classifier, which is left where it is for other classes.
    /// </param>
    /// <returns>The model, and what did not fit.</returns>
    /// <exception cref="UserErrorException">The file does not fit, or the settings contradict each other.</exception>
    public static (ResNet Model, LoadReport? Report) Make(
        ImageTrainingSettings settings, int classes, string? weights)
    {
        bool isMomentum = settings.Model.StartsWith('m');
        if (isMomentum && settings.Transform)
            throw new UserErrorException("--transform: an m-model has momentum layers already; leave one of the two out.");
        var options = Sizes[settings.Model.TrimStart('m')] with
        {
            Classes = classes,
            Width = settings.Width,
            Stem = settings.Stem == Stems[0] ? ResNetStem.ImageNet : ResNetStem.Cifar,
        };
        var memory = SharedOptions.ToMemoryMode(settings.Memory);
        var model = isMomentum
            ? new MomentumResNet(options, settings.Gamma, memory, settings.LearnedVelocity)
            : new ResNet(options);
        using var file = weights == null ? null : WeightFile.Load(weights);
        // What this command wrote of a transformed model has the names that it got by being transformed.
        bool isOfTransformed = file?.Keys.Any(k => k.Contains(TransformedPart, StringComparison.Ordinal)) == true;
        if (settings.Transform && isOfTransformed)
            MomentumTransform.ApplyInPlace(model, gamma: settings.Gamma, memory: memory);
        var report = file == null ? null : Load(model, file, weights!, isOfTransformed && !isMomentum && !settings.Transform);
        if (settings.Transform && !isOfTransformed)
            MomentumTransform.ApplyInPlace(model, gamma: settings.Gamma, memory: memory);
        return (model, report);
    }

    private static LoadReport Load(ResNet model, WeightFile file, string path, bool lacksTransform)
    {
        var report = model.LoadStateDict(file, strict: false);
        string[] missing = Others(report.Missing), mismatched = Others(report.Mismatched.Keys), unexpected = Others(report.Unexpected);
        int wanted = Others(model.StateDict().Keys).Length;
        if (missing.Length == wanted)
        {
            throw new UserErrorException(
                $"--weights: nothing in '{path}' fits the model; its first tensor is '{file.Keys.FirstOrDefault()}', " +
                $"the model's is '{FirstWeight}'. Rename with: momentum convert {Shell.Quoted(path)} renamed.safetensors {Rules(file)}");
        }

        if (missing.Length + mismatched.Length + unexpected.Length == 0)
            return report;
        bool isOfPlain = model is MomentumResNet && !file.Keys.Any(k => k.Contains(TransformedPart, StringComparison.Ordinal));
        string advice = lacksTransform
            ? "It is of a model in momentum form: add --transform"
            : isOfPlain
            ? "It is of a ResNet without momentum; its momentum form: leave the m of --model out and add --transform"
            : "Choose --model, --width and --stem as the file has them; where it has other names or holds more, rename or " +
              "drop with: momentum convert --map 'from=to' --map 'from='";
        throw new UserErrorException(
            $"--weights: '{path}' is not of this model; all but the classifier ({Classifier}*) has to fit, and does not: " +
            $"{Text("missing", missing)}{Text("unexpected", unexpected)}{Text("mismatched", [.. mismatched
                .Select(name => $"{name} ({report.Mismatched[name]})")])}{advice}");

        static string Text(string what, string[] names) => names.Length == 0
            ? ""
            : $"{what} {string.Join(", ", names.Take(MostShown))}" +
              $"{(names.Length > MostShown ? $" and {names.Length - MostShown} more" : "")}. ";

        // What decides nothing that is computed here: old files have no counters.
        static string[] Others(IEnumerable<string> names) =>
            [.. names.Where(n => !n.StartsWith(Classifier, StringComparison.Ordinal)
                && !n.EndsWith(Counter, StringComparison.Ordinal))];
    }

    /// <summary>
    /// What takes the names of a file to those of a ResNet, as far as it can be told: a checkpoint's prefix off, and what
    /// else it holds dropped.
    /// </summary>
    private static string Rules(WeightFile file)
    {
        if (file.Keys.FirstOrDefault(k => k.EndsWith("." + FirstWeight, StringComparison.Ordinal)) is not { } found)
            return "--map 'from=to'";
        string prefix = found[..^FirstWeight.Length];
        var others = file.Keys.Where(k => !k.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        // A part of the checkpoint is dropped whole, unless the weights are in it.
        var drops = others.Select(k => k.Split('.', 2)).GroupBy(k => k[0])
            .SelectMany(g => prefix.StartsWith(g.Key + ".", StringComparison.Ordinal)
                ? g.Select(k => string.Join('.', k))
                : g.Select(k => k.Length == 1 ? k[0] : k[0] + ".*").Distinct());
        return string.Join(' ', drops.Select(d => $"--map {Shell.Quoted(d + "=")}").Prepend($"--strip-prefix {Shell.Quoted(prefix)}"));
    }
}
