namespace MomentumCore.Engine;

/// <summary>A height and a width, as for kernels, strides and padding; one number stands for both.</summary>
/// <param name="Height">Along the rows' axis.</param>
/// <param name="Width">Along the columns' axis.</param>
public readonly record struct Size2D(int Height, int Width)
{
    /// <summary>The same number both ways.</summary>
    public static implicit operator Size2D(int size) => new(size, size);

    /// <summary>(height, width).</summary>
    public static implicit operator Size2D((int Height, int Width) size) => new(size.Height, size.Width);

    /// <summary>As in <c>(3, 5)</c>.</summary>
    public override string ToString() => $"({Height}, {Width})";
}
