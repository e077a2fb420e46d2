namespace MomentumCore.Kernels.Library;

/// <summary>
/// A convolution or one of its derivatives as a matrix product, as plain numbers for <see cref="TiledProducts"/>.
/// </summary>
/// <remarks>
/// The left factor [Rows, Inner] lies in memory as it is; the right one [Inner, Columns] is never written down: the
/// places of a step and of a column, added, say which element of the images stands there, or that padding does.
/// </remarks>
public struct ConvolutionTiles
{
    /// <summary>The tiles that the result is made in.</summary>
    public TileShape Tile;

    /// <summary>Rows of the result: channels of a group.</summary>
    public int Rows;

    /// <summary>Columns of the result.</summary>
    public int Columns;

    /// <summary>Products in each sum.</summary>
    public int Inner;

    /// <summary>Where a step of the sum stands in the images.</summary>
    public WindowPlaces Steps;

    /// <summary>Where a column of the result stands in the images.</summary>
    public WindowPlaces Positions;

    /// <summary>Rows of the images that the right factor is made of.</summary>
    public int Height;

    /// <summary>Columns of these images.</summary>
    public int Width;

    /// <summary>Places are counted in so many rows to one row of the images: a stride run backwards, else 1.</summary>
    public int DivideY;

    /// <summary>As <see cref="DivideY"/>, for columns.</summary>
    public int DivideX;

    /// <summary>
    /// Between rows that differ in what is left by the division, so that their sum is no row of an image.
    /// </summary>
    public int SpreadY;

    /// <summary>As <see cref="SpreadY"/>, for columns.</summary>
    public int SpreadX;

    /// <summary>1 where the places of steps and columns are added, −1 where a step's is taken away.</summary>
    public int Sign;

    /// <summary>Elements from one row of the left factor to the next.</summary>
    public int LeftRow;

    /// <summary>Elements of the left factor from one plane of steps to the next.</summary>
    public int LeftPlane;

    /// <summary>Elements from the left factor of one channel group to the next.</summary>
    public int LeftGroup;

    /// <summary>Elements from the images of one channel group to the next.</summary>
    public int RightGroup;

    /// <summary>Elements from one row of the result to the next.</summary>
    public int ResultRow;

    /// <summary>Elements of the result from one plane of columns to the next.</summary>
    public int ResultPlane;

    /// <summary>Elements from the result of one channel group to the next.</summary>
    public int ResultGroup;

    /// <summary>y[o, (n, oy, ox)] = Σ w[o, (c, ky, kx)] · x[(c, ky, kx), (n, oy, ox)].</summary>
    internal static ConvolutionTiles Forward(in ConvolutionShape s)
    {
        int taps = s.KernelHeight * s.KernelWidth, area = s.OutputHeight * s.OutputWidth;
        int inputs = s.InputChannels / s.Groups, outputs = s.OutputChannels / s.Groups;
        var tiles = OverInput(s);
        tiles.Rows = outputs;
        tiles.Columns = s.Images * area;
        tiles.Inner = inputs * taps;
        tiles.Steps = Taps(s, s.InputHeight * s.InputWidth);
        tiles.Positions = Windows(s);
        tiles.LeftRow = inputs * taps;
        tiles.LeftPlane = taps;
        tiles.LeftGroup = outputs * inputs * taps;
        tiles.ResultRow = area;
        tiles.ResultPlane = s.OutputChannels * area;
        tiles.ResultGroup = outputs * area;
        return tiles;
    }

    /// <summary>dw[o, (c, ky, kx)] = Σ g[o, (n, oy, ox)] · x[(n, oy, ox), (c, ky, kx)].</summary>
    internal static ConvolutionTiles WeightGradient(in ConvolutionShape s)
    {
        int taps = s.KernelHeight * s.KernelWidth, area = s.OutputHeight * s.OutputWidth;
        int inputs = s.InputChannels / s.Groups, outputs = s.OutputChannels / s.Groups;
        var tiles = OverInput(s);
        tiles.Rows = outputs;
        tiles.Columns = inputs * taps;
        tiles.Inner = s.Images * area;
        tiles.Steps = Windows(s);
        tiles.Positions = Taps(s, s.InputHeight * s.InputWidth);
        tiles.LeftRow = area;
        tiles.LeftPlane = s.OutputChannels * area;
        tiles.LeftGroup = outputs * area;
        tiles.ResultRow = inputs * taps;
        tiles.ResultPlane = taps;
        tiles.ResultGroup = outputs * inputs * taps;
        return tiles;
    }

    /// <summary>dx[c, (n, iy, ix)] = Σ w[c, (o, ky, kx)] · g[(o, ky, kx), (n, iy, ix)].</summary>
    internal static ConvolutionTiles InputGradient(in ConvolutionShape s)
    {
        int taps = s.KernelHeight * s.KernelWidth, area = s.InputHeight * s.InputWidth;
        int inputs = s.InputChannels / s.Groups, outputs = s.OutputChannels / s.Groups;
        int outputArea = s.OutputHeight * s.OutputWidth;
        return new ConvolutionTiles
        {
            Rows = inputs,
            Columns = s.Images * area,
            Inner = outputs * taps,
            Steps = Taps(s, outputArea),
            Positions = new WindowPlaces
            {
                Height = s.InputHeight,
                Width = s.InputWidth,
                Plane = s.OutputChannels * outputArea,
                StepY = 1,
                StepX = 1,
                StartY = s.PaddingY,
                StartX = s.PaddingX,
            },
            Height = s.OutputHeight,
            Width = s.OutputWidth,
            DivideY = s.StrideY,
            DivideX = s.StrideX,
            SpreadY = Spread(s.InputHeight, s.PaddingY, s.StrideY, s.OutputHeight),
            SpreadX = Spread(s.InputWidth, s.PaddingX, s.StrideX, s.OutputWidth),
            Sign = -1,
            LeftRow = taps,
            LeftPlane = inputs * taps,
            LeftGroup = outputs * inputs * taps,
            RightGroup = outputs * outputArea,
            ResultRow = area,
            ResultPlane = s.InputChannels * area,
            ResultGroup = inputs * area,
        };
    }

    private static ConvolutionTiles OverInput(in ConvolutionShape s) => new()
    {
        Height = s.InputHeight,
        Width = s.InputWidth,
        DivideY = 1,
        DivideX = 1,
        Sign = 1,
        RightGroup = s.InputChannels / s.Groups * s.InputHeight * s.InputWidth,
    };

    private static WindowPlaces Taps(in ConvolutionShape s, int plane) => new()
    {
        Height = s.KernelHeight,
        Width = s.KernelWidth,
        Plane = plane,
        StepY = s.DilationY,
        StepX = s.DilationX,
    };

    private static WindowPlaces Windows(in ConvolutionShape s) => new()
    {
        Height = s.OutputHeight,
        Width = s.OutputWidth,
        Plane = s.InputChannels * s.InputHeight * s.InputWidth,
        StepY = s.StrideY,
        StepX = s.StrideX,
        StartY = -s.PaddingY,
        StartX = -s.PaddingX,
    };

    /// <summary>More than two rows can differ by after the division, and an image has.</summary>
    private static int Spread(int size, int padding, int stride, int limit) =>
        ((size + (2 * padding)) / stride) + limit + 1;
}
