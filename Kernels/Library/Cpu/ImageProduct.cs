namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>The operands of weights · windows → images, for one phase of a stride.</summary>
internal unsafe struct ImageProduct<T>
    where T : unmanaged
{
    /// <summary>Where the windows read, the same for each group.</summary>
    public ImageWindows Windows;

    /// <summary>The first channel of the first image that is read.</summary>
    public T* Source;

    /// <summary>Elements from the first channel of a group to that of the next.</summary>
    public nint SourceGroup;

    /// <summary>Gapless weights [groups, rows, channels, taps].</summary>
    public T* Weights;

    /// <summary>Groups.</summary>
    public int Groups;

    /// <summary>Channels of the result in each group.</summary>
    public int Rows;

    /// <summary>Channels that are read in each group.</summary>
    public int Channels;

    /// <summary>The result's first element.</summary>
    public T* Result;

    /// <summary>Elements of a channel of the result.</summary>
    public nint ResultPlane;

    /// <summary>Elements of an image of the result.</summary>
    public nint ResultImage;

    /// <summary>Columns of the result.</summary>
    public int ResultWidth;

    /// <summary>Rows of the result from one row of windows to the next.</summary>
    public int SpreadY;

    /// <summary>Columns of the result from one window to the next.</summary>
    public int SpreadX;

    /// <summary>The result's row for the first row of windows.</summary>
    public int PhaseY;

    /// <summary>The result's column for the first column of windows.</summary>
    public int PhaseX;

    /// <summary>Products in each sum.</summary>
    public readonly int Inner => Channels * Windows.Taps;

    /// <summary>Windows, all images together.</summary>
    public readonly int Columns => Windows.Images * Windows.GridSize;

    /// <summary>Whether the windows' results have gaps between them.</summary>
    public readonly bool IsSpread => SpreadY != 1 || SpreadX != 1;

    /// <summary>The product of some rows of a group, without its columns.</summary>
    public readonly Product<T> Part(int group, int row, int rows)
    {
        int first = (group * Rows) + row;
        nint offset = first * ResultPlane;
        return new Product<T>
        {
            Rows = rows,
            Inner = Inner,
            A = Weights + ((nint)first * Inner),
            ARow = Inner,
            AStep = 1,
            Y = Result + offset,
            YRow = ResultPlane,
            Offset = offset,
            FirstRow = first,
        };
    }

    /// <summary>Moves gapless sums [rows, columns] to their places by way of an epilogue.</summary>
    /// <param name="source">The sums.</param>
    /// <param name="part">The rows.</param>
    /// <param name="firstColumn">The window that is column 0.</param>
    /// <param name="columns">Windows.</param>
    /// <param name="epilogue">What is done with finished sums.</param>
    public readonly void Spread<TEpilogue>(
        T* source, in Product<T> part, int firstColumn, int columns, TEpilogue epilogue)
        where TEpilogue : unmanaged, IEpilogue<T>
    {
        for (int c = 0; c < columns;)
        {
            int image = (firstColumn + c) / Windows.GridSize;
            int place = firstColumn + c - (image * Windows.GridSize);
            int y = place / Windows.GridWidth, x = place - (y * Windows.GridWidth);
            int run = Math.Min(columns - c, Windows.GridWidth - x);
            int inPlane = (((y * SpreadY) + PhaseY) * ResultWidth) + (x * SpreadX) + PhaseX;
            for (int r = 0; r < part.Rows; r++)
            {
                nint at = (image * ResultImage) + inPlane + (r * ResultPlane);
                T* from = source + ((nint)r * columns) + c;
                T* to = part.Y + at;
                for (int i = 0; i < run; i++)
                {
                    int step = i * SpreadX;
                    to[step] = epilogue.Apply(from[i], part.FirstRow + r, inPlane + step, part.Offset + at + step);
                }
            }

            c += run;
        }
    }
}
