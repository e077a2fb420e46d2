using System.Globalization;
using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>
/// What belongs together to go on training as if it had never stopped: a model, its optimizer and schedule, the random
/// numbers, and counters of your own, in one safetensors file that is written whole or not at all.
/// </summary>
/// <remarks>
/// Tensors are named <c>model.0.weight</c>, <c>optimizer.parameter.0.exp_avg</c>, <c>schedule.step</c>; counters and
/// the state of the random numbers are in the file's metadata.
/// </remarks>
/// <param name="model">The model.</param>
/// <param name="optimizer">The optimizer of its parameters, or null to save the model only.</param>
/// <param name="schedule">The schedule of the optimizer's rates, or null.</param>
/// <param name="random">Where training's random numbers come from, or null when they need not repeat.</param>
public sealed class Checkpoint(
    Module model, Optimizer? optimizer = null, Schedule? schedule = null, RandomSource? random = null)
{
    private readonly Module _model = model ?? throw new ArgumentNullException(nameof(model));

    private const string ModelPrefix = "model.";
    private const string OptimizerPrefix = "optimizer.";
    private const string SchedulePrefix = "schedule.";
    private const string RandomKey = "random";

    /// <summary>Writes everything to a file.</summary>
    /// <param name="path">The file; its folder has to exist.</param>
    /// <param name="counters">What else to remember, such as the epoch, as text by key.</param>
    /// <exception cref="WeightFileException">
    /// The file cannot be written; what was there before is unchanged.
    /// </exception>
    /// <exception cref="ArgumentException">A counter has the key <c>random</c>, which is taken.</exception>
    public void Save(string path, IReadOnlyDictionary<string, string>? counters = null)
    {
        using var scope = TensorScope.Begin();
        var tensors = new Dictionary<string, Tensor>();
        Add(tensors, ModelPrefix, _model.StateDict());
        if (optimizer != null)
            Add(tensors, OptimizerPrefix, optimizer.StateDict());
        if (schedule != null)
            Add(tensors, SchedulePrefix, schedule.StateDict());
        var metadata = new Dictionary<string, string>(counters ?? new Dictionary<string, string>());
        if (metadata.ContainsKey(RandomKey))
            throw new ArgumentException($"The name '{RandomKey}' is taken; rename the counter.", nameof(counters));
        if (random != null)
            metadata[RandomKey] = Text(random.State);
        Safetensors.Save(path, tensors, metadata);
    }

    /// <summary>Reads everything back.</summary>
    /// <returns>The counters that <see cref="Save"/> was given.</returns>
    /// <exception cref="WeightFileException">
    /// The file is missing or damaged, or lacks a part; nothing was changed.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// The file belongs to another model or optimizer; nothing was changed.
    /// </exception>
    public IReadOnlyDictionary<string, string> Load(string path)
    {
        using var file = Safetensors.Load(path);
        var state = random == null ? default : Parse(path, file.Metadata.GetValueOrDefault(RandomKey));
        var weights = Part(file, ModelPrefix);
        // Each part checks before it changes anything; the model, which is asked here, comes last.
        _model.RequireFit(weights);
        if (schedule != null && !file.ContainsKey(SchedulePrefix + "step"))
            throw Lacks(path, "state of a schedule");
        if (optimizer != null)
            optimizer.LoadStateDict(Part(file, OptimizerPrefix));
        schedule?.LoadStateDict(Part(file, SchedulePrefix));
        _model.LoadStateDict(weights);
        if (random != null)
            random.State = state;
        return file.Metadata.Where(m => m.Key != RandomKey).ToDictionary(m => m.Key, m => m.Value);
    }

    private static void Add(Dictionary<string, Tensor> all, string prefix, Dictionary<string, Tensor> part)
    {
        foreach (var (name, tensor) in part)
            all[prefix + name] = tensor;
    }

    private static Dictionary<string, Tensor> Part(WeightFile file, string prefix) => file
        .Where(t => t.Key.StartsWith(prefix, StringComparison.Ordinal))
        .ToDictionary(t => t.Key[prefix.Length..], t => t.Value);

    private static string Text(RandomState state) =>
        string.Create(CultureInfo.InvariantCulture, $"{state.Seed} {state.Offset} {state.Stream}");

    private static RandomState Parse(string path, string? text)
    {
        return text?.Split(' ') is [var seed, var offset, var stream]
            && Number(seed, out ulong a) && Number(offset, out ulong b) && Number(stream, out ulong c)
            ? new RandomState(a, b, c)
            : throw Lacks(path, "state of the random numbers");
    }

    private static bool Number(string text, out ulong number) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static WeightFileException Lacks(string path, string what) =>
        new(path, $"it holds no {what}.", "It is no checkpoint of this training; start without it.");
}
