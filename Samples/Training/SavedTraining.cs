using System.Text.Json;
using MomentumCore.Engine;

namespace MomentumCore.Samples;

/// <summary>What a checkpoint says about the training it belongs to, next to weights and optimizer state.</summary>
/// <remarks>Random numbers need no place in it: each epoch draws its own from the seed and its number.</remarks>
/// <param name="Settings">What the training was asked to do.</param>
/// <param name="History">One result for each epoch that is done.</param>
internal sealed record SavedTraining(TrainingSettings Settings, IReadOnlyList<EpochResult> History)
{
    /// <summary>The checkpoint's name in the output folder.</summary>
    public const string FileName = "checkpoint.safetensors";

    private const string SettingsKey = "settings";
    private const string HistoryKey = "history";

    /// <summary>Reads it from a checkpoint's header.</summary>
    /// <exception cref="UserErrorException">There is no checkpoint, or the file is none of this app.</exception>
    /// <exception cref="WeightFileException">The file is damaged.</exception>
    public static SavedTraining Read(string path)
    {
        var (settings, history) = Read<TrainingSettings>(path);
        return new SavedTraining(settings, history);
    }

    /// <summary>Reads what a checkpoint says of a training with settings of some kind.</summary>
    /// <inheritdoc cref="Read(string)"/>
    public static (TSettings Settings, IReadOnlyList<EpochResult> History) Read<TSettings>(string path)
        where TSettings : class
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
            var settings = JsonSerializer.Deserialize<TSettings>(
                metadata[KeyOf<TSettings>()], JsonSerializerOptions.Web);
            var history = JsonSerializer.Deserialize<List<EpochResult>>(
                metadata[HistoryKey], JsonSerializerOptions.Web);
            if (settings != null && history is { Count: > 0 })
                return (settings, history);
        }
        catch (Exception problem) when (problem is KeyNotFoundException or JsonException)
        {
            throw NoCheckpoint(path, problem);
        }

        throw NoCheckpoint(path, null);
    }

    /// <summary>The form in which a checkpoint carries it.</summary>
    public Dictionary<string, string> ToCounters() => Counters(Settings, History);

    /// <summary>The form in which a checkpoint carries settings of some kind and what was done with them.</summary>
    public static Dictionary<string, string> Counters<TSettings>(
        TSettings settings, IReadOnlyList<EpochResult> history)
        where TSettings : class => new()
    {
        [KeyOf<TSettings>()] = JsonSerializer.Serialize(settings, JsonSerializerOptions.Web),
        [HistoryKey] = JsonSerializer.Serialize(history, JsonSerializerOptions.Web),
    };

    // A checkpoint of one kind of training is none of another.
    private static string KeyOf<TSettings>() => typeof(TSettings) == typeof(TrainingSettings) ? SettingsKey : "imageSettings";

    private static UserErrorException NoCheckpoint(string path, Exception? problem) =>
        new(
            $"--resume: '{path}' holds tensors but is no checkpoint of `momentum train`; start afresh without " +
            "--resume.",
            inner: problem);
}
