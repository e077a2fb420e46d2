using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>
/// The mean of each of a fixed number of windows that share out the image, whatever its size.
/// x [images, channels, height, width] or [channels, height, width], y the same with the output's height and width.
/// </summary>
public sealed class AdaptiveAvgPool2d : Module
{
    /// <summary>Pools to a fixed size.</summary>
    /// <param name="output">The height and width of the output.</param>
    /// <exception cref="ArgumentOutOfRangeException">The output has no elements.</exception>
    public AdaptiveAvgPool2d(Size2D output) => Output = Settings.AtLeast(1, output, Name, nameof(output));

    /// <summary>The height and width of the output.</summary>
    public Size2D Output { get; }

    /// <inheritdoc/>
    protected override string ExtraRepresentation => $"output: {Settings.Text(Output)}";

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => x.AdaptiveAvgPool2d(Output);
}
