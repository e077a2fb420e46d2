using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>
/// The largest element of each window. x [images, channels, height, width] or [channels, height, width], y the same
/// with (height + 2p − d (kernel − 1) − 1) / s + 1 rows and likewise columns.
/// </summary>
public sealed class MaxPool2d : Module
{
    /// <summary>A maximum over windows.</summary>
    /// <param name="kernel">The size of a window.</param>
    /// <param name="stride">s, from one window to the next; the kernel when left out.</param>
    /// <param name="padding">p, at most half of the kernel; padding never wins.</param>
    /// <param name="dilation">d, from one row or column of a window to the next; 1 when left out.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public MaxPool2d(Size2D kernel, Size2D? stride = null, Size2D padding = default, Size2D? dilation = null)
    {
        Kernel = Settings.AtLeast(1, kernel, Name, nameof(kernel));
        Stride = Settings.AtLeast(1, stride ?? kernel, Name, nameof(stride));
        Padding = Settings.HalfOf(kernel, padding, Name);
        Dilation = Settings.AtLeast(1, dilation ?? 1, Name, nameof(dilation));
    }

    /// <summary>The size of a window.</summary>
    public Size2D Kernel { get; }

    /// <summary>From one window to the next.</summary>
    public Size2D Stride { get; }

    /// <summary>Rows and columns added at each side.</summary>
    public Size2D Padding { get; }

    /// <summary>From one row or column of a window to the next.</summary>
    public Size2D Dilation { get; }

    /// <inheritdoc/>
    protected override string ExtraRepresentation =>
        $"kernel: {Settings.Text(Kernel)}, stride: {Settings.Text(Stride)}, padding: {Settings.Text(Padding)}, " +
        $"dilation: {Settings.Text(Dilation)}";

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => x.MaxPool2d(Kernel, Stride, Padding, Dilation);
}
