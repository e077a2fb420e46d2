namespace MomentumCore.Samples;

/// <summary>What `momentum bench --json` prints, in this order; scripts and docs rely on the names.</summary>
internal sealed record BenchResult(
    string Workload,
    string Mode,
    string Device,
    int Depth,
    double MedianMs,
    double MinMs,
    int Repeats,
    long PeakTensorBytes,
    long PeakProcessBytes);
