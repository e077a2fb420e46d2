namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>
/// Where a grid of windows reads an image: the numbers that a convolution and its adjoint both come down to.
/// </summary>
/// <remarks>
/// Window (gridY, gridX) reads, for tap t, the image at (gridY · StepY + dy[t], gridX · StepX + dx[t]), and zero
/// outside.
/// For a convolution the taps are the kernel's places. For the derivative with respect to its input they are those of
/// the kernel's places that meet one phase of the stride, and the steps are 1.
/// </remarks>
internal unsafe struct ImageWindows
{
    /// <summary>Images.</summary>
    public int Images;

    /// <summary>Elements from one image to the next.</summary>
    public nint ImageStep;

    /// <summary>Rows of the image.</summary>
    public int Height;

    /// <summary>Columns of the image, and elements from one of its rows to the next.</summary>
    public int Width;

    /// <summary>Rows of the grid.</summary>
    public int GridHeight;

    /// <summary>Columns of the grid.</summary>
    public int GridWidth;

    /// <summary>Image rows from one row of the grid to the next.</summary>
    public int StepY;

    /// <summary>Image columns from one column of the grid to the next.</summary>
    public int StepX;

    /// <summary>How many taps a window has in each channel.</summary>
    public int Taps;

    /// <summary>The taps: dy and dx, one after the other.</summary>
    public int* Offsets;

    /// <summary>Windows on each image.</summary>
    public readonly int GridSize => GridHeight * GridWidth;

    /// <summary>Elements of a channel of an image.</summary>
    public readonly int PlaneSize => Height * Width;

    /// <summary>
    /// Whether each window reads just its own place and the image is one row, as after <see cref="Flattened"/>.
    /// </summary>
    public readonly bool IsFlat => Height == 1 && GridHeight == 1 && ReadsOwnPlace;

    /// <summary>The least and the greatest offset of the taps along an axis, 0 for rows and 1 for columns.</summary>
    public readonly (int Least, int Most) Range(int axis)
    {
        int least = int.MaxValue, most = int.MinValue;
        for (int tap = 0; tap < Taps; tap++)
        {
            least = Math.Min(least, Offsets[(2 * tap) + axis]);
            most = Math.Max(most, Offsets[(2 * tap) + axis]);
        }

        return (least, most);
    }

    private readonly bool ReadsOwnPlace =>
        Taps == 1
            && Offsets[0] == 0
            && Offsets[1] == 0
            && StepY == 1
            && StepX == 1
            && GridHeight == Height
            && GridWidth == Width;

    /// <summary>The same windows with the image as one row, where each window reads just its own place.</summary>
    public readonly ImageWindows Flattened() =>
        ReadsOwnPlace ? this with { Height = 1, Width = PlaneSize, GridHeight = 1, GridWidth = GridSize } : this;
}
