namespace MomentumCore.Layers;

/// <summary>The mean of values that come one batch at a time, each with the number of samples it stands for.</summary>
/// <remarks>So that a short last batch weighs no more than its samples.</remarks>
public sealed class RunningMean
{
    private double _sum;

    /// <summary>Samples so far.</summary>
    public long Count { get; private set; }

    /// <summary>The mean so far; NaN without samples.</summary>
    public double Value => Count == 0 ? double.NaN : _sum / Count;

    /// <summary>Adds the mean over <paramref name="count"/> samples.</summary>
    /// <param name="value">Their mean, such as a batch's loss.</param>
    /// <param name="count">How many they are.</param>
    public void Add(double value, int count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count == 0)
            return;
        _sum += value * count;
        Count += count;
    }

    /// <summary>Starts anew.</summary>
    public void Reset()
    {
        _sum = 0;
        Count = 0;
    }
}
