using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>
/// The mean of each window. x [images, channels, height, width] or [channels, height, width], y the same with
/// (height + 2p − kernel) / s + 1 rows and likewise columns.
/// </summary>
public sealed class AvgPool2d : Module
{
    /// <summary>A mean over windows.</summary>
    /// <param name="kernel">The size of a window.</param>
    /// <param name="stride">s, from one window to the next; the kernel when left out.</param>
    /// <param name="padding">p, at most half of the kernel.</param>
    /// <param name="countIncludePad">Whether places in the padding count as zeros, or not at all.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public AvgPool2d(Size2D kernel, Size2D? stride = null, Size2D padding = default, bool countIncludePad = true)
    {
        Kernel = Settings.AtLeast(1, kernel, Name, nameof(kernel));
        Stride = Settings.AtLeast(1, stride ?? kernel, Name, nameof(stride));
        Padding = Settings.HalfOf(kernel, padding, Name);
        CountIncludePad = countIncludePad;
    }

    /// <summary>The size of a window.</summary>
    public Size2D Kernel { get; }

    /// <summary>From one window to the next.</summary>
    public Size2D Stride { get; }

    /// <summary>Rows and columns added at each side.</summary>
    public Size2D Padding { get; }

    /// <summary>Whether places in the padding count as zeros, or not at all.</summary>
    public bool CountIncludePad { get; }

    /// <inheritdoc/>
    protected override string ExtraRepresentation =>
        $"kernel: {Settings.Text(Kernel)}, stride: {Settings.Text(Stride)}, padding: {Settings.Text(Padding)}, " +
        $"countIncludePad: {Settings.Text(CountIncludePad)}";

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => x.AvgPool2d(Kernel, Stride, Padding, CountIncludePad);
}
