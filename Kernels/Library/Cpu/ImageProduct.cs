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

    /// <summary>Gapless weights [groups, rows, inner].</summary>
    public T* Weights;

    /// <summary>Groups.</summary>
    public int Groups;

    /// <summary>Channels of the result in each group.</summary>
    public int Rows;

    /// <summary>Channels times taps that each sum runs over.</summary>
    public int Inner;

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

    /// <summary>Windows, all images together.</summary>
    public readonly int Columns => Windows.Images * Windows.GridSize;

    /// <summary>Whether the windows' results have gaps between them.</summary>
    public readonly bool IsSpread => SpreadY != 1 || SpreadX != 1;

    /// <summary>Moves gapless results [rows, columns] to their places.</summary>
    /// <param name="source">The results.</param>
    /// <param name="target">The channel of the first image where row 0 belongs.</param>
    /// <param name="rows">Channels.</param>
    /// <param name="firstColumn">The window that is column 0.</param>
    /// <param name="columns">Windows.</param>
    public readonly void Spread(T* source, T* target, int rows, int firstColumn, int columns)
    {
        for (int c = 0; c < columns;)
        {
            int image = (firstColumn + c) / Windows.GridSize;
            int place = firstColumn + c - (image * Windows.GridSize);
            int y = place / Windows.GridWidth, x = place - (y * Windows.GridWidth);
            int run = Math.Min(columns - c, Windows.GridWidth - x);
            T* row = target + (image * ResultImage)
                + ((nint)((y * SpreadY) + PhaseY) * ResultWidth) + (x * SpreadX) + PhaseX;
            for (int r = 0; r < rows; r++)
            {
                T* from = source + ((nint)r * columns) + c;
                T* to = row + (r * ResultPlane);
                for (int i = 0; i < run; i++)
                    to[i * SpreadX] = from[i];
            }

            c += run;
        }
    }
}
