using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Layers;

/// <summary>Sets an optimizer's learning rates as training goes on, by the step number alone.</summary>
/// <remarks>
/// Making a schedule sets the rates for step 0. Call <see cref="Step"/> after each <see cref="Optimizer.Step"/> (or
/// after each epoch, if the schedule counts epochs). As <c>torch.optim.lr_scheduler</c>, in closed form, so that a
/// resumed schedule has the same rates to the last bit.
/// </remarks>
public abstract class Schedule
{
    /// <summary>A schedule over all groups of <paramref name="optimizer"/>.</summary>
    /// <remarks>The deriving constructor ends with <c>Apply(0)</c>, when its settings are in place.</remarks>
    protected Schedule(Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        Optimizer = optimizer;
        foreach (var group in optimizer.Groups)
            group.InitialLearningRate ??= group.LearningRate;
    }

    /// <summary>The optimizer whose rates it sets.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>How many steps were made.</summary>
    public int StepNumber { get; private set; }

    /// <summary>Goes on to the next step and sets its rates.</summary>
    public void Step() => JumpTo(StepNumber + 1);

    /// <summary>
    /// The step number as <c>step</c>, an Int64 tensor without axes; the rates are part of the optimizer's state.
    /// </summary>
    public Dictionary<string, Tensor> StateDict() =>
        new() { ["step"] = Tensor.Scalar(StepNumber, DType.Int64, Device.Cpu) };

    /// <summary>Goes to the saved step and sets its rates. Load the optimizer's state first.</summary>
    /// <exception cref="ArgumentException">There is no valid <c>step</c>; nothing was changed.</exception>
    public void LoadStateDict(IReadOnlyDictionary<string, Tensor> dict)
    {
        ArgumentNullException.ThrowIfNull(dict);
        if (!dict.TryGetValue("step", out var step) || step.Count != 1 || step.Item() is < 0 or > int.MaxValue)
        {
            throw new ArgumentException(
                $"{GetType().Name}: the state must hold 'step', one number of at least 0.", nameof(dict));
        }
        JumpTo((int)step.Item());
    }

    /// <summary>The learning rate of a group at a step.</summary>
    /// <param name="step">From 0.</param>
    /// <param name="initialRate">The group's rate before any schedule.</param>
    protected internal abstract double RateAt(int step, double initialRate);

    /// <summary>Sets the rates of all groups for a step.</summary>
    protected internal virtual void Apply(int step)
    {
        foreach (var group in Optimizer.Groups)
        {
            // A group that joined the optimizer later starts from the rate it came with.
            group.InitialLearningRate ??= group.LearningRate;
            group.LearningRate = RateAt(step, group.InitialLearningRate.Value);
        }
    }

    internal void JumpTo(int step)
    {
        Apply(step);
        StepNumber = step;
    }

    /// <summary>Checks a count of steps; returns it.</summary>
    private protected static int AtLeastOne(int value, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, name);
        return value;
    }

    /// <summary>Checks a factor or rate; returns it.</summary>
    private protected static double AtLeastZero(double value, string name) =>
        value >= 0 && double.IsFinite(value)
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be a number of at least 0.");
}
