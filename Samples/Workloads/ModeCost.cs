namespace MomentumCore.Samples;

/// <summary>What `momentum bench --compare --json` prints for each mode, in this order.</summary>
/// <param name="Mode">The memory mode.</param>
/// <param name="MedianMs">The median of the times, in milliseconds.</param>
/// <param name="MinMs">The least of the times, in milliseconds.</param>
/// <param name="TimeRatio">The median, over rounds, of its time as a share of that of store in the same round.</param>
/// <param name="PeakTensorBytes">The most bytes that the step's tensors held at once, parameters and input included.</param>
internal sealed record ModeCost(string Mode, double MedianMs, double MinMs, double TimeRatio, long PeakTensorBytes);
