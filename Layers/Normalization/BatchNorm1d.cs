using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Layers;

/// <summary>
/// Batch normalisation of vectors or sequences: x [batch, channels] or [batch, channels, length], y of the same
/// shape.
/// </summary>
/// <remarks>weight starts at 1, bias at 0, running_mean at 0, running_var at 1.</remarks>
public sealed class BatchNorm1d : BatchNorm
{
    /// <summary>Batch normalisation.</summary>
    /// <param name="channels">The number of channels.</param>
    /// <param name="eps">Added to the variance.</param>
    /// <param name="momentum">
    /// How far the running statistics move, in [0, 1]; null for the mean over all batches.
    /// </param>
    /// <param name="affine">Whether there are a weight and a bias.</param>
    /// <param name="trackRunningStatistics">Whether there are running statistics.</param>
    /// <param name="dtype">The element type of parameters and statistics.</param>
    /// <param name="device">The device of parameters and statistics.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public BatchNorm1d(
        int channels,
        double eps = 1e-5,
        double? momentum = 0.1,
        bool affine = true,
        bool trackRunningStatistics = true,
        DType dtype = DType.Float32,
        Device? device = null)
        : base(channels, eps, momentum, affine, trackRunningStatistics, dtype, device)
    {
    }

    /// <inheritdoc/>
    public override Module NewLike() =>
        new BatchNorm1d(Channels, Eps, Momentum, Weight != null, RunningMean != null, ParameterType, ParameterDevice);

    private protected override void RequireShape(Shape shape)
    {
        if (shape.Rank is not (2 or 3))
            throw new ShapeException($"{Name}: wants [batch, channels] or [batch, channels, length]; got {shape}.");
    }
}
