using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Layers;

/// <summary>What an optimizer has to save so that training goes on as if it had never stopped.</summary>
public abstract partial class Optimizer
{
    private const string Rate = "learning_rate";
    private const string InitialRate = "initial_learning_rate";
    private const string Decay = "weight_decay";
    private const string Keep = "momentum";
    private const string Steps = "steps";

    /// <summary>
    /// Everything that changes while training: step counts and buffers (<c>parameter.3.exp_avg</c>, numbered over all
    /// groups) and the groups' rates (<c>group.0.learning_rate</c>, Float64 without axes).
    /// </summary>
    /// <remarks>
    /// The buffers are views of the optimizer's own memory, so a later <see cref="Step"/> shows in them; clone them to
    /// keep a snapshot. What was given to the constructor and never changes is not included.
    /// </remarks>
    public Dictionary<string, Tensor> StateDict()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var dict = new Dictionary<string, Tensor>();
        for (int g = 0; g < _groups.Count; g++)
        {
            dict[GroupName(g, Rate)] = Tensor.Scalar(_groups[g].LearningRate, DType.Float64, Device.Cpu);
            dict[GroupName(g, Decay)] = Tensor.Scalar(_groups[g].WeightDecay, DType.Float64, Device.Cpu);
            dict[GroupName(g, Keep)] = Tensor.Scalar(_groups[g].Momentum, DType.Float64, Device.Cpu);
            if (_groups[g].InitialLearningRate is { } initial)
                dict[GroupName(g, InitialRate)] = Tensor.Scalar(initial, DType.Float64, Device.Cpu);
        }

        int index = 0;
        foreach (var state in _states.SelectMany(s => s))
        {
            if (state.Steps > 0)
                dict[ParameterName(index, Steps)] = Tensor.Scalar(state.Steps, DType.Int64, Device.Cpu);
            for (int b = 0; b < _bufferNames.Length; b++)
            {
                if (state.Has(b))
                    dict[ParameterName(index, _bufferNames[b])] = state.Buffer(b).Detach();
            }

            index++;
        }

        return dict;
    }

    /// <summary>Copies a saved state into this optimizer, which goes on bit for bit where that one stopped.</summary>
    /// <param name="dict">What <see cref="StateDict"/> said of an optimizer of the same kind and parameters.</param>
    /// <exception cref="ArgumentException">
    /// Names are missing or unexpected, or a shape or type differs; nothing was changed.
    /// </exception>
    public void LoadStateDict(IReadOnlyDictionary<string, Tensor> dict)
    {
        ArgumentNullException.ThrowIfNull(dict);
        ObjectDisposedException.ThrowIf(_disposed, this);
        RequireFit(dict);
        for (int g = 0; g < _groups.Count; g++)
        {
            _groups[g].LearningRate = dict[GroupName(g, Rate)].Item();
            _groups[g].WeightDecay = dict[GroupName(g, Decay)].Item();
            _groups[g].Momentum = dict[GroupName(g, Keep)].Item();
            _groups[g].InitialLearningRate = dict.GetValueOrDefault(GroupName(g, InitialRate))?.Item();
        }

        int index = 0;
        foreach (var state in _states.SelectMany(s => s))
        {
            state.Steps = (long?)dict.GetValueOrDefault(ParameterName(index, Steps))?.Item() ?? 0;
            for (int b = 0; b < _bufferNames.Length; b++)
                state.Load(b, dict.GetValueOrDefault(ParameterName(index, _bufferNames[b])));
            index++;
        }
    }

    private static string GroupName(int group, string what) => $"group.{group}.{what}";

    private static string ParameterName(int index, string what) => $"parameter.{index}.{what}";

    /// <summary>Finds everything that is wrong before anything is changed.</summary>
    private void RequireFit(IReadOnlyDictionary<string, Tensor> dict)
    {
        var problems = new List<string>();
        var left = new HashSet<string>(dict.Keys);
        for (int g = 0; g < _groups.Count; g++)
        {
            foreach (string what in (string[])[Rate, Decay, Keep])
            {
                string name = GroupName(g, what);
                left.Remove(name);
                if (!dict.TryGetValue(name, out var value))
                    problems.Add($"'{name}' is missing");
                else if (value.Count != 1 || !(value.Item() >= 0) || !double.IsFinite(value.Item()))
                    problems.Add($"'{name}' must be one number of at least 0");
            }

            left.Remove(GroupName(g, InitialRate));
        }

        int index = 0;
        foreach (var state in _states.SelectMany(s => s))
        {
            if (left.Remove(ParameterName(index, Steps)) && dict[ParameterName(index, Steps)].Count != 1)
                problems.Add($"'{ParameterName(index, Steps)}' must be one number");
            foreach (string buffer in _bufferNames)
            {
                string name = ParameterName(index, buffer);
                if (!left.Remove(name))
                    continue;
                if (dict[name].Shape != state.Parameter.Shape || dict[name].DType != state.Parameter.DType)
                {
                    problems.Add(
                        $"'{name}' is {dict[name].DType} {dict[name].Shape}, its parameter {state.Parameter.DType} " +
                        $"{state.Parameter.Shape}");
                }
            }

            index++;
        }

        problems.AddRange(left.Order(StringComparer.Ordinal).Select(name => $"'{name}' is not known here"));
        if (problems.Count > 0)
        {
            throw new ArgumentException(
                $"{GetType().Name}: this state does not fit, nothing was loaded: " +
                $"{string.Join("; ", problems.Take(10))}" +
                $"{(problems.Count > 10 ? $"; and {problems.Count - 10} more" : "")}.",
                nameof(dict));
        }
    }
}
