using MomentumCore.Engine;
using MomentumCore.Layers;
using MomentumCore.Reversible;

namespace MomentumCore.Samples;

/// <summary>The models that `momentum train --model` knows, by the names of the authors' trainer.</summary>
internal static class ImageModels
{
    private const int LargestSmallImage = 64;
    private const string FirstWeight = "conv1.weight";

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

    /// <summary>Makes a model for images of a size, and reads weights into it, if there are any.</summary>
    /// <param name="settings">Which model; with its <see cref="Stem"/>.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="weights">A weight file, or null; what does not fit, such as a classifier for other classes, is left.</param>
    /// <returns>The model, and what did not fit.</returns>
    /// <exception cref="UserErrorException">Nothing in the file fits, or the settings contradict each other.</exception>
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
        var report = weights == null ? null : Load(model, weights);
        if (settings.Transform)
            MomentumTransform.ApplyInPlace(model, gamma: settings.Gamma, memory: memory);
        return (model, report);
    }

    private static LoadReport Load(ResNet model, string path)
    {
        using var file = WeightFile.Load(path);
        var report = model.LoadStateDict(file, strict: false);
        int missing = report.Missing.Count + report.Mismatched.Count;
        if (missing == model.StateDict().Count)
        {
            throw new UserErrorException(
                $"--weights: nothing in '{path}' fits the model; its first tensor is '{file.Keys.FirstOrDefault()}', " +
                $"the model's is '{FirstWeight}'. Rename with: momentum convert {path} renamed.safetensors {Rule(file)}");
        }

        return report;
    }

    /// <summary>What takes the names of a file to those of a ResNet, as far as it can be told.</summary>
    private static string Rule(WeightFile file) =>
        file.Keys.FirstOrDefault(k => k.EndsWith("." + FirstWeight, StringComparison.Ordinal)) is { } found
            ? $"--strip-prefix {found[..^FirstWeight.Length]}"
            : "--map 'from=to'";
}
