using System.Text.Json;
using MomentumCore.Engine;
using MomentumCore.Layers;

namespace MomentumCore.Samples;

/// <summary>A training on disk after a whole epoch: weights, optimizer, settings and history in one safetensors file.</summary>
/// <remarks>
/// Random numbers need no place in it: each epoch draws its own from the seed and its number. The file replaces the one
/// before it in one move, so there is a whole checkpoint at any moment.
/// </remarks>
internal sealed class Checkpoint : IDisposable
{
    /// <summary>The file's name in the output folder.</summary>
    public const string FileName = "checkpoint.safetensors";

    private const string ModelPrefix = "model.";
    private const string OptimizerPrefix = "optimizer.";
    private const string SettingsKey = "settings";
    private const string HistoryKey = "history";

    private readonly WeightFile _file;

    private Checkpoint(WeightFile file, TrainingSettings settings, IReadOnlyList<EpochResult> history)
    {
        _file = file;
        Settings = settings;
        History = history;
    }

    /// <summary>What the training was asked to do.</summary>
    public TrainingSettings Settings { get; }

    /// <summary>One result for each epoch that is done.</summary>
    public IReadOnlyList<EpochResult> History { get; }

    /// <summary>Writes a checkpoint; the file is the old one or the new one, never a half.</summary>
    /// <exception cref="WeightFileException">It cannot be written; the one before is still there.</exception>
    public static void Save(
        string path, Module network, Optimizer optimizer, TrainingSettings settings, IReadOnlyList<EpochResult> history)
    {
        using var scope = TensorScope.Begin();
        var tensors = new Dictionary<string, Tensor>();
        foreach (var (name, tensor) in network.StateDict())
            tensors.Add(ModelPrefix + name, tensor);
        foreach (var (name, tensor) in optimizer.StateDict())
            tensors.Add(OptimizerPrefix + name, tensor);
        Safetensors.Save(path, tensors, new Dictionary<string, string>
        {
            [SettingsKey] = JsonSerializer.Serialize(settings, JsonSerializerOptions.Web),
            [HistoryKey] = JsonSerializer.Serialize(history, JsonSerializerOptions.Web),
        });
    }

    /// <summary>Reads a checkpoint.</summary>
    /// <exception cref="UserErrorException">There is none, or the file is no checkpoint of this app.</exception>
    /// <exception cref="WeightFileException">The file is damaged.</exception>
    public static Checkpoint Load(string path)
    {
        if (!File.Exists(path))
        {
            throw new UserErrorException(
                $"--resume: there is no checkpoint '{path}'; leave --resume out to start, or name the right folder with --out.");
        }

        var file = Safetensors.Load(path);
        try
        {
            var settings = JsonSerializer.Deserialize<TrainingSettings>(file.Metadata[SettingsKey], JsonSerializerOptions.Web);
            var history = JsonSerializer.Deserialize<List<EpochResult>>(file.Metadata[HistoryKey], JsonSerializerOptions.Web);
            return new Checkpoint(file, settings!, history!);
        }
        catch (Exception problem) when (problem is KeyNotFoundException or JsonException)
        {
            file.Dispose();
            throw new UserErrorException(
                $"--resume: '{path}' holds tensors but is no checkpoint of `momentum train`; start afresh without --resume.", inner: problem);
        }
    }

    /// <summary>Puts the saved weights and optimizer state in place.</summary>
    public void Restore(Module network, Optimizer optimizer)
    {
        network.LoadStateDict(Part(ModelPrefix));
        optimizer.LoadStateDict(Part(OptimizerPrefix));
    }

    public void Dispose() => _file.Dispose();

    private Dictionary<string, Tensor> Part(string prefix) =>
        _file.Where(t => t.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(t => t.Key[prefix.Length..], t => t.Value);
}
