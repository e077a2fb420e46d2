namespace MomentumCore.Samples;

/// <summary>What one step costs at one depth in both memory modes.</summary>
internal sealed record MemoryComparisonRow(int Depth, StepMeasurement Store, StepMeasurement Recompute)
{
    /// <summary>How many times less memory recomputing needs.</summary>
    public double MemoryRatio => (double)Store.PeakTensorBytes / Recompute.PeakTensorBytes;

    /// <summary>How many times longer recomputing takes.</summary>
    public double TimeRatio => Recompute.MedianMs / Store.MedianMs;
}
