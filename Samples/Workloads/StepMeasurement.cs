using System.Diagnostics;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Samples;

/// <summary>What a training step costs.</summary>
/// <param name="MedianMs">The median of the times, in milliseconds.</param>
/// <param name="MinMs">The least of the times, in milliseconds.</param>
/// <param name="Repeats">How many steps were timed.</param>
/// <param name="PeakTensorBytes">
/// The most bytes that the step's tensors held at once, its parameters and input included.
/// </param>
/// <param name="ParameterBytes">The bytes of the network's parameters.</param>
/// <param name="SideBytes">The bytes of the bits that exact reversal sets aside, which are among the peak.</param>
internal sealed record StepMeasurement(
    double MedianMs, double MinMs, int Repeats, long PeakTensorBytes, long ParameterBytes, long SideBytes)
{
    private const int WarmUps = 2;

    /// <summary>The peak without parameters and their gradients, which every way to train has to hold.</summary>
    public long BytesBeyondParameters => PeakTensorBytes - (2 * ParameterBytes);

    /// <summary>Prepares a step, warms it up, and measures it.</summary>
    public static StepMeasurement Take(
        Device device, Func<TrainingStep> prepare, int repeats, CancellationToken cancellation)
    {
        long liveBefore = device.Memory.LiveBytes;
        using var step = prepare();
        for (int i = 0; i < WarmUps; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            step.Run();
        }

        device.Memory.ResetPeak();
        var milliseconds = new double[repeats];
        for (int i = 0; i < repeats; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            long start = Stopwatch.GetTimestamp();
            step.Run();
            milliseconds[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        Array.Sort(milliseconds);
        double median = (milliseconds[(repeats - 1) / 2] + milliseconds[repeats / 2]) / 2;
        return new StepMeasurement(
            median, milliseconds[0], repeats, device.Memory.PeakBytes - liveBefore, step.ParameterBytes, step.SideBytes);
    }
}
