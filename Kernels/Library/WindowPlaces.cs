namespace MomentumCore.Kernels.Library;

/// <summary>
/// How one index of a convolution's product runs over planes of places: outer number, row and column in one.
/// </summary>
/// <remarks>
/// Index i is row v and column u of plane p, i = (p · Height + v) · Width + u. It stands for image row
/// v · StepY + StartY and image column u · StepX + StartX, in numbers beginning p · Plane elements on.
/// </remarks>
public struct WindowPlaces
{
    /// <summary>Rows of a plane.</summary>
    public int Height;

    /// <summary>Columns of a plane.</summary>
    public int Width;

    /// <summary>Elements of the images from one plane to the next.</summary>
    public int Plane;

    /// <summary>Image rows from one row to the next.</summary>
    public int StepY;

    /// <summary>Image columns from one column to the next.</summary>
    public int StepX;

    /// <summary>Image row of row 0.</summary>
    public int StartY;

    /// <summary>Image column of column 0.</summary>
    public int StartX;
}
