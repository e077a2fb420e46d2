namespace MomentumCore.Benchmarks;

/// <summary>The sizes of a convolution of square images.</summary>
/// <param name="Name">Where it occurs.</param>
/// <param name="Images">Images.</param>
/// <param name="Input">Input channels.</param>
/// <param name="Side">Height and width of an image.</param>
/// <param name="Output">Output channels.</param>
/// <param name="Kernel">Height and width of the kernel.</param>
/// <param name="Stride">The stride.</param>
/// <param name="Padding">The padding.</param>
/// <param name="Groups">Groups of channels.</param>
public sealed record ConvolutionSize(
    string Name, int Images, int Input, int Side, int Output, int Kernel, int Stride, int Padding, int Groups = 1) : IWork
{
    /// <inheritdoc/>
    public double Operations
    {
        get
        {
            double side = ((Side + (2 * Padding) - Kernel) / Stride) + 1;
            return 2 * side * side * Images * Output * (Input / Groups) * Kernel * Kernel;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Images}x{Input}x{Side}x{Side} to {Output}, {Kernel}x{Kernel}";
}
