using System.Text.Json;
using MomentumCore.Engine;

namespace MomentumCore.Samples;

/// <summary>What a checkpoint says about the training it belongs to, next to weights and optimizer state.</summary>
/// <remarks>Random numbers need no place in it: each epoch draws its own from the seed and its number.</remarks>
/// <param name="Settings">What the training was asked to do.</param>
/// <param name="History">One result for each epoch that is done.</param>
/// <param name="Images">The <see cref="TrainingImages.Fingerprint"/>; null in checkpoints of older versions.</param>
internal sealed record SavedTraining<TSettings>(
    TSettings Settings, IReadOnlyList<EpochResult> History, string? Images)
    where TSettings : class, ITrainingSettings
{
    private const string HistoryKey = "history";
    private const string ImagesKey = "images";

    private const string DigitsKey = "settings", ImagesOfModelKey = "imageSettings";

    // A checkpoint of one kind of training is none of another.
    private static string SettingsKey => typeof(TSettings) == typeof(TrainingSettings) ? DigitsKey : ImagesOfModelKey;

    /// <summary>Reads it from a checkpoint's header.</summary>
    /// <exception cref="UserErrorException">There is no checkpoint, or the file is none of such a training.</exception>
    /// <exception cref="WeightFileException">The file is damaged.</exception>
    public static SavedTraining<TSettings> Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new UserErrorException(
                $"--resume: there is no checkpoint '{path}'; leave --resume out to start, or name the right folder " +
                "with --out.");
        }

        var metadata = Safetensors.Inspect(path).Metadata;
        try
        {
            var settings = JsonSerializer.Deserialize<TSettings>(metadata[SettingsKey], JsonSerializerOptions.Web);
            var history = JsonSerializer.Deserialize<List<EpochResult>>(
                metadata[HistoryKey], JsonSerializerOptions.Web);
            if (settings != null && history is { Count: > 0 })
                return new SavedTraining<TSettings>(settings, history, metadata.GetValueOrDefault(ImagesKey));
        }
        catch (Exception problem) when (problem is KeyNotFoundException or JsonException)
        {
            throw OfOtherTraining(path, metadata) ?? NoCheckpoint(path, problem);
        }

        throw NoCheckpoint(path, null);
    }

    /// <summary>The form in which a checkpoint carries it.</summary>
    public Dictionary<string, string> ToCounters()
    {
        var counters = new Dictionary<string, string>
        {
            [SettingsKey] = JsonSerializer.Serialize(Settings, JsonSerializerOptions.Web),
            [HistoryKey] = JsonSerializer.Serialize(History, JsonSerializerOptions.Web),
        };
        if (Images != null)
            counters[ImagesKey] = Images;
        return counters;
    }

    /// <summary>Says how the other kind of training is gone on with: starting afresh would lose it.</summary>
    private static UserErrorException? OfOtherTraining(string path, IReadOnlyDictionary<string, string> metadata)
    {
        try
        {
            if (SettingsKey == DigitsKey && metadata.TryGetValue(ImagesOfModelKey, out string? text))
            {
                var settings = JsonSerializer.Deserialize<ImageTrainingSettings>(text, JsonSerializerOptions.Web)!;
                return new UserErrorException(
                    $"--resume: '{path}' is the checkpoint of a training with --model; add --model {settings.Model}.",
                    ExitCode.Usage);
            }
        }
        catch (JsonException)
        {
            return null;
        }

        return SettingsKey == ImagesOfModelKey && metadata.ContainsKey(DigitsKey)
            ? new UserErrorException(
                $"--resume: '{path}' is the checkpoint of a training of digits; leave --model out.", ExitCode.Usage)
            : null;
    }

    private static UserErrorException NoCheckpoint(string path, Exception? problem) =>
        new(
            $"--resume: '{path}' holds tensors but is no checkpoint of `momentum train`; start afresh without " +
            "--resume.",
            inner: problem);
}
