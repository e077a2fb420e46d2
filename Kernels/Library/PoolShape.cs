namespace MomentumCore.Kernels.Library;

/// <summary>All sizes of a 2-D pooling, as plain numbers that a kernel can take.</summary>
/// <remarks>
/// A stride of 0 means adaptive windows: output o covers inputs ⌊o · input / output⌋ up to, not including,
/// ⌈(o + 1) · input / output⌉, and kernel, padding and dilation are not used.
/// </remarks>
public struct PoolShape
{
    /// <summary>Images times channels.</summary>
    public int Planes;

    /// <summary>Rows of an input plane.</summary>
    public int InputHeight;

    /// <summary>Columns of an input plane.</summary>
    public int InputWidth;

    /// <summary>Rows of an output plane.</summary>
    public int OutputHeight;

    /// <summary>Columns of an output plane.</summary>
    public int OutputWidth;

    /// <summary>Rows of a window.</summary>
    public int KernelHeight;

    /// <summary>Columns of a window.</summary>
    public int KernelWidth;

    /// <summary>Input rows from one window to the next; 0 for adaptive windows.</summary>
    public int StrideY;

    /// <summary>Input columns from one window to the next; 0 for adaptive windows.</summary>
    public int StrideX;

    /// <summary>Rows outside of the input, above and below.</summary>
    public int PaddingY;

    /// <summary>Columns outside of the input, left and right.</summary>
    public int PaddingX;

    /// <summary>Input rows from one row of a window to the next.</summary>
    public int DilationY;

    /// <summary>Input columns from one column of a window to the next.</summary>
    public int DilationX;

    /// <summary>1 when a mean counts the places outside of the input as zeros, 0 when it leaves them out.</summary>
    public int CountsPadding;

    /// <summary>Elements of an input plane.</summary>
    public readonly int InputSize => InputHeight * InputWidth;

    /// <summary>Elements of an output plane.</summary>
    public readonly int OutputSize => OutputHeight * OutputWidth;
}
