using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>Moves parameters against their gradients; keeps per parameter what its rule has to remember.</summary>
/// <remarks>
/// Parameters without a gradient are skipped, and so is their memory. An update overwrites parameters in place, with
/// one kernel per parameter. To write an optimizer of your own, name its buffers and implement <see cref="Update"/>.
/// </remarks>
public abstract partial class Optimizer : IDisposable
{
    private readonly List<ParameterGroup> _groups = [];
    private readonly List<ParameterState[]> _states = [];
    private readonly HashSet<Tensor> _known = new(ReferenceEqualityComparer.Instance);
    private readonly string[] _bufferNames;
    private readonly (double Rate, double Decay, double Momentum) _defaults;
    private bool _disposed;

    /// <summary>An optimizer over groups of parameters.</summary>
    /// <param name="groups">The groups; each belongs to one optimizer.</param>
    /// <param name="learningRate">η of groups that give none.</param>
    /// <param name="weightDecay">λ of groups that give none.</param>
    /// <param name="momentum">μ (or β₁) of groups that give none.</param>
    /// <param name="bufferNames">A name for each buffer that the rule may keep per parameter.</param>
    /// <exception cref="ArgumentException">There is no parameter, one comes twice, or one is no leaf.</exception>
    protected Optimizer(
        IEnumerable<ParameterGroup> groups, double learningRate, double weightDecay, double momentum,
        params string[] bufferNames)
    {
        ArgumentNullException.ThrowIfNull(groups);
        _bufferNames = bufferNames;
        _defaults = (learningRate, weightDecay, momentum);
        foreach (var group in groups)
            AddGroup(group);
        if (_known.Count == 0)
        {
            throw new ArgumentException(
                $"{GetType().Name}: there are no parameters to update; pass module.Parameters().", nameof(groups));
        }
    }

    /// <summary>The groups, in the order that state dicts number them.</summary>
    public IReadOnlyList<ParameterGroup> Groups => _groups;

    /// <summary>The learning rate of the first group; setting it sets that of every group.</summary>
    public double LearningRate
    {
        get => _groups[0].LearningRate;
        set
        {
            foreach (var group in _groups)
                group.LearningRate = value;
        }
    }

    /// <summary>
    /// Whether <see cref="Step"/> reads all gradients first and throws, with every parameter still as it was, when one
    /// holds NaN or infinity. Off by default: it costs one more pass over the gradients.
    /// </summary>
    public bool RequireFiniteGradients { get; set; }

    /// <summary>Adds parameters, for layers that join the training later.</summary>
    /// <exception cref="ArgumentException">A parameter is here already, or is no leaf.</exception>
    public void AddGroup(ParameterGroup group)
    {
        ArgumentNullException.ThrowIfNull(group);
        foreach (var parameter in group.Parameters)
        {
            ArgumentNullException.ThrowIfNull(parameter, nameof(group));
            if (!parameter.IsLeaf)
            {
                throw new ArgumentException(
                    $"{GetType().Name}: a tensor of shape {parameter.Shape} is the result of an operation; " +
                    "only leaves have gradients to follow.",
                    nameof(group));
            }

            if (!_known.Add(parameter))
            {
                throw new ArgumentException(
                    $"{GetType().Name}: a parameter of shape {parameter.Shape} comes twice.", nameof(group));
            }
        }

        group.FillIn(_defaults.Rate, _defaults.Decay, _defaults.Momentum);
        CheckGroup(group);
        _groups.Add(group);
        _states.Add([.. group.Parameters.Select(p => new ParameterState(p, _bufferNames.Length))]);
    }

    /// <summary>Updates every parameter that has a gradient.</summary>
    /// <exception cref="GradientException">
    /// <see cref="RequireFiniteGradients"/> is on and a gradient holds NaN or infinity.
    /// </exception>
    /// <exception cref="DTypeException">A parameter and its gradient or buffers differ in type or device.</exception>
    public void Step()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (RequireFiniteGradients)
            CheckFinite();
        int recording = NoGrad.SetLocal(recording: false);
        try
        {
            for (int g = 0; g < _groups.Count; g++)
            {
                CheckGroup(_groups[g]);
                foreach (var state in _states[g])
                    UpdateOne(_groups[g], state);
            }
        }
        finally
        {
            NoGrad.RestoreLocal(recording);
        }
    }

    /// <summary>Forgets all gradients and frees them.</summary>
    public void ZeroGradient()
    {
        foreach (var group in _groups)
        {
            foreach (var parameter in group.Parameters)
                parameter.ZeroGradient();
        }
    }

    /// <summary>Frees the buffers. The parameters are left alone.</summary>
    public void Dispose()
    {
        _disposed = true;
        foreach (var states in _states)
        {
            foreach (var state in states)
                state.Free();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>The rule: overwrites <paramref name="parameter"/>. Runs without recording.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="gradient">Its gradient, of the same shape, type and device.</param>
    /// <param name="state">Its step count (this step included) and buffers.</param>
    /// <param name="group">Its settings.</param>
    protected abstract void Update(Tensor parameter, Tensor gradient, ParameterState state, ParameterGroup group);

    /// <summary>Checks the settings of a group before they are used; throws when the rule cannot.</summary>
    protected virtual void CheckGroup(ParameterGroup group)
    {
    }

    private void UpdateOne(ParameterGroup group, ParameterState state)
    {
        var parameter = state.Parameter;
        ObjectDisposedException.ThrowIf(parameter.IsDisposed, parameter);
        if (parameter.Gradient is not { } gradient)
            return;
        if (gradient.DType != parameter.DType || gradient.Device != parameter.Device
            || gradient.Shape != parameter.Shape)
        {
            throw new DTypeException(
                $"{GetType().Name}: the gradient is {gradient.DType} {gradient.Shape} on {gradient.Device}, its " +
                $"parameter {parameter.DType} {parameter.Shape} on {parameter.Device}; call ZeroGradient() after " +
                "moving or casting a module.");
        }

        state.Steps++;
        Update(parameter, gradient, state, group);
        parameter.Storage.MarkWritten();
    }

    private void CheckFinite()
    {
        Tensor[] parameters = [.. _groups.SelectMany(g => g.Parameters)];
        int[] with = [.. Enumerable.Range(0, parameters.Length).Where(i => parameters[i].Gradient != null)];
        // Gradients are there: the indices were chosen so.
        double[] largest = GradientMeasure.Each(
            [.. with.Select(i => parameters[i].Gradient!)], double.PositiveInfinity);
        int bad = Array.FindIndex(largest, value => !double.IsFinite(value));
        if (bad >= 0)
        {
            throw new GradientException(
                $"{GetType().Name}: the gradient of parameter {with[bad]} (shape {parameters[with[bad]].Shape}) " +
                "holds NaN or infinity; no parameter was changed. Lower the learning rate, clip gradients, or find " +
                "the op with AnomalyMode.");
        }
    }
}
