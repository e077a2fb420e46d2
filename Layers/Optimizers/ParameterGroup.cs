using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>Parameters that an optimizer updates with the same learning rate, weight decay and momentum.</summary>
/// <remarks>
/// <code>
/// using var optimizer = new Sgd(
///     [new ParameterGroup(stem, learningRate: 0.01), new ParameterGroup(head)], learningRate: 0.1);
/// </code>
/// </remarks>
public sealed class ParameterGroup
{
    private double? _learningRate;
    private double? _weightDecay;
    private double? _momentum;

    /// <summary>A group; what is left out is taken from the optimizer that receives it.</summary>
    /// <param name="parameters">The leaves to update.</param>
    /// <param name="learningRate">The step size η.</param>
    /// <param name="weightDecay">The weight decay λ.</param>
    /// <param name="momentum">The momentum μ; for Adam and AdamW β₁.</param>
    public ParameterGroup(
        IEnumerable<Tensor> parameters, double? learningRate = null, double? weightDecay = null,
        double? momentum = null)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        Parameters = [.. parameters];
        if (learningRate is { } rate)
            LearningRate = rate;
        if (weightDecay is { } decay)
            WeightDecay = decay;
        if (momentum is { } keep)
            Momentum = keep;
    }

    /// <summary>The parameters, in the order that state dicts number them.</summary>
    public IReadOnlyList<Tensor> Parameters { get; }

    /// <summary>The step size η, at least 0.</summary>
    public double LearningRate
    {
        get => _learningRate ?? throw Unset(nameof(LearningRate));
        set => _learningRate = AtLeastZero(value, nameof(LearningRate));
    }

    /// <summary>The weight decay λ, at least 0.</summary>
    public double WeightDecay
    {
        get => _weightDecay ?? throw Unset(nameof(WeightDecay));
        set => _weightDecay = AtLeastZero(value, nameof(WeightDecay));
    }

    /// <summary>The momentum μ, at least 0; for Adam and AdamW β₁, below 1.</summary>
    public double Momentum
    {
        get => _momentum ?? throw Unset(nameof(Momentum));
        set => _momentum = AtLeastZero(value, nameof(Momentum));
    }

    /// <summary>The learning rate that schedules start from: set by the first schedule over the group.</summary>
    public double? InitialLearningRate { get; internal set; }

    /// <summary>Takes over what the group does not say by itself.</summary>
    internal void FillIn(double learningRate, double weightDecay, double momentum)
    {
        LearningRate = _learningRate ?? learningRate;
        WeightDecay = _weightDecay ?? weightDecay;
        Momentum = _momentum ?? momentum;
    }

    private static double AtLeastZero(double value, string name) =>
        value >= 0 && double.IsFinite(value)
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be a number of at least 0.");

    private static InvalidOperationException Unset(string name) =>
        new($"{name} of this group is not set yet: it takes the optimizer's when it is given to one.");
}
