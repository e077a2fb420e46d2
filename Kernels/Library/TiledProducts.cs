using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>
/// Matrix products and convolutions in tiles: a group brings some rows of one factor and some columns of the other
/// into shared memory, a few steps of the sum at a time, and each of its 64 work items adds up 4 × 16 results.
/// </summary>
/// <remarks>
/// The host chooses the <see cref="TileShape"/>. A convolution is a product with a matrix that is never written down:
/// its elements are taken from the images as a tile needs them. Each result is one chain of products added in the order
/// of the plain kernels (<see cref="MatMul"/>, <see cref="Convolution"/>), so that it has their bits; only a weight
/// that is not finite differs, where it meets padding (0 · ∞ is no number). Loops run over 16 neighbours in memory that
/// is a work item's own, and four steps of a sum at once: compilers for CPUs turn that into vectors.
/// </remarks>
public static partial class TiledProducts
{
    /// <summary>Work items of a group.</summary>
    internal const int GroupSize = 64;

    /// <summary>Rows of the result that a work item makes.</summary>
    internal const int ItemRows = 4;

    /// <summary>Columns of the result that a work item makes.</summary>
    internal const int ItemColumns = 16;

    /// <summary>(Rows + Columns) · Steps of the largest tile.</summary>
    private const int TileNumbers = 2560;

    private const int MostColumns = 256;
    private const int MostSteps = 16;

    /// <summary>No place of an image, whatever place is added to it.</summary>
    private const int Outside = int.MinValue / 2;

    /// <summary>y = a·b for each product of a stack; group z makes number z.</summary>
    [Kernel]
    public static void Multiply(
        ArrayView<float> a, ArrayView<float> b, ArrayView<float> y, ArrayView<float> bias, ProductShape s)
    {
        var tile = SharedMemory.Allocate<float>(TileNumbers);
        var sums = LocalMemory.Allocate<float>(ItemRows * ItemColumns);
        var lines = LocalMemory.Allocate<float>(ItemColumns);
        var left = tile.SubView(0, s.Tile.Rows * s.Tile.Steps);
        var right = tile.SubView(s.Tile.Rows * s.Tile.Steps, s.Tile.Columns * s.Tile.Steps);
        int me = Group.LinearIndex, across = s.Tile.Columns / ItemColumns;
        int itemRow = me / across * ItemRows, itemColumn = me % across * ItemColumns;
        int firstRow = Grid.IdxY * s.Tile.Rows, firstColumn = Grid.IdxX * s.Tile.Columns;
        long leftStart = Grid.IdxZ * s.LeftStep + firstRow * s.LeftRow;
        long rightStart = Grid.IdxZ * s.RightStep + firstColumn * s.RightColumn;
        Clear(sums);
        for (int start = 0; start < s.Inner; start += s.Tile.Steps)
        {
            Bring(
                a, leftStart + start * s.LeftColumn, s.LeftRow, s.LeftColumn,
                s.Rows - firstRow, s.Inner - start, left, s.Tile.Rows, s.Tile.Steps, lines, me);
            Bring(
                b, rightStart + start * s.RightRow, s.RightColumn, s.RightRow,
                s.Columns - firstColumn, s.Inner - start, right, s.Tile.Columns, s.Tile.Steps, lines, me);
            Group.Barrier();
            if (firstRow + itemRow < s.Rows && firstColumn + itemColumn < s.Columns)
                Accumulate(left, right, sums, itemRow, itemColumn, s.Tile);
            Group.Barrier();
        }

        for (int i = 0; i < ItemRows; i++)
        {
            int r = firstRow + itemRow + i;
            for (int j = 0; j < ItemColumns; j++)
            {
                int c = firstColumn + itemColumn + j;
                if (r < s.Rows && c < s.Columns)
                {
                    float sum = sums[i * ItemColumns + j];
                    if (s.HasBias != 0)
                        sum = sum + bias[c];
                    y[Grid.IdxZ * s.ResultStep + (long)r * s.Columns + c] = sum;
                }
            }
        }
    }

    /// <summary>A convolution or one of its derivatives; group z makes channel group z.</summary>
    /// <param name="w">The left factor: weights, or dL/dy for the derivative in the weights.</param>
    /// <param name="x">What the right factor is taken from: images, or dL/dy for the derivative in the images.</param>
    /// <param name="y">The result.</param>
    /// <param name="s">Which of the three it is, and all sizes.</param>
    [Kernel]
    public static void Convolve(ArrayView<float> w, ArrayView<float> x, ArrayView<float> y, ConvolutionTiles s)
    {
        var tile = SharedMemory.Allocate<float>(TileNumbers);
        var columns = SharedMemory.Allocate<int>(3 * MostColumns);
        var steps = SharedMemory.Allocate<int>(4 * MostSteps);
        var sums = LocalMemory.Allocate<float>(ItemRows * ItemColumns);
        var lines = LocalMemory.Allocate<float>(ItemColumns);
        var left = tile.SubView(0, s.Tile.Rows * s.Tile.Steps);
        var right = tile.SubView(s.Tile.Rows * s.Tile.Steps, s.Tile.Columns * s.Tile.Steps);
        int me = Group.LinearIndex, across = s.Tile.Columns / ItemColumns;
        int itemRow = me / across * ItemRows, itemColumn = me % across * ItemColumns;
        int firstRow = Grid.IdxY * s.Tile.Rows, firstColumn = Grid.IdxX * s.Tile.Columns;
        int rowParts = Parts(s.Tile.Rows, s.Rows - firstRow);
        int columnParts = Parts(s.Tile.Columns, s.Columns - firstColumn);
        int taps = s.Steps.Height * s.Steps.Width;
        Clear(sums);
        for (int c = me; c < s.Tile.Columns; c += GroupSize)
            Locate(columns, MostColumns, c, firstColumn + c, s.Columns, s.Positions, 1, s);
        for (int start = 0; start < s.Inner; start += s.Tile.Steps)
        {
            if (me < s.Tile.Steps)
            {
                int plane = (start + me) / taps;
                Locate(steps, MostSteps, me, start + me, s.Inner, s.Steps, s.Sign, s);
                steps[3 * MostSteps + me] = plane * s.LeftPlane + start + me - plane * taps;
            }

            Group.Barrier();
            for (int part = me; part < rowParts * s.Tile.Steps; part += GroupSize)
            {
                int k = part / rowParts;
                int row = (part - k * rowParts) * ItemColumns;
                int count = start + k < s.Inner ? s.Rows - firstRow - row : 0;
                int at = Grid.IdxZ * s.LeftGroup + (firstRow + row) * s.LeftRow + steps[3 * MostSteps + k];
                Take(w, at, s.LeftRow, count, lines);
                Put(lines, left.SubView(k * s.Tile.Rows + row, ItemColumns));
            }

            for (int part = me; part < columnParts * s.Tile.Steps; part += GroupSize)
            {
                int k = part / columnParts;
                int column = (part - k * columnParts) * ItemColumns;
                TakeWindows(
                    x,
                    columns.SubView(column, 2 * MostColumns + ItemColumns),
                    Grid.IdxZ * s.RightGroup + steps[k],
                    steps[MostSteps + k],
                    steps[2 * MostSteps + k],
                    s.Height,
                    s.Width,
                    lines);
                Put(lines, right.SubView(k * s.Tile.Columns + column, ItemColumns));
            }

            Group.Barrier();
            if (firstRow + itemRow < s.Rows && firstColumn + itemColumn < s.Columns)
                Accumulate(left, right, sums, itemRow, itemColumn, s.Tile);
            Group.Barrier();
        }

        int area = s.Positions.Height * s.Positions.Width;
        for (int j = 0; j < ItemColumns; j++)
        {
            int c = firstColumn + itemColumn + j;
            int plane = c / area;
            int at = Grid.IdxZ * s.ResultGroup + plane * s.ResultPlane + c - plane * area;
            for (int i = 0; i < ItemRows; i++)
            {
                int r = firstRow + itemRow + i;
                if (r < s.Rows && c < s.Columns)
                    y[at + r * s.ResultRow] = sums[i * ItemColumns + j];
            }
        }
    }

    private static void Clear(ArrayView<float> sums)
    {
        for (int i = 0; i < ItemRows * ItemColumns; i++)
            sums[i] = 0f;
    }

    /// <summary>How many parts of 16 lines a tile of this width has to have; nobody reads what lies beyond.</summary>
    private static int Parts(int width, int lineCount) =>
        ((width < lineCount ? width : lineCount) + ItemColumns - 1) / ItemColumns;

    /// <summary>Brings a group's share of one factor into shared memory, and zeros up to a whole part.</summary>
    private static void Bring(
        ArrayView<float> source, long start, long lineStep, long step, int lineCount, int stepCount,
        ArrayView<float> tile, int width, int steps, ArrayView<float> lines, int me)
    {
        int parts = Parts(width, lineCount);
        for (int part = me; part < parts * steps; part += GroupSize)
        {
            int k = part / parts;
            int line = (part - k * parts) * ItemColumns;
            Take(source, start + k * step + line * lineStep, lineStep, k < stepCount ? lineCount - line : 0, lines);
            Put(lines, tile.SubView(k * width + line, ItemColumns));
        }
    }

    /// <summary>The first elements of up to 16 lines, and zeros for the rest.</summary>
    private static void Take(ArrayView<float> source, long start, long step, int count, ArrayView<float> lines)
    {
        for (int j = 0; j < ItemColumns; j++)
        {
            bool isInside = j < count;
            float value = source[isInside ? start + j * step : 0L];
            lines[j] = isInside ? value : 0f;
        }
    }

    /// <summary>
    /// The elements of 16 columns at one step of the sum, and zeros where that is outside of the image.
    /// </summary>
    private static void TakeWindows(
        ArrayView<float> x,
        ArrayView<int> columns,
        int at,
        int row,
        int column,
        int height,
        int width,
        ArrayView<float> lines)
    {
        for (int j = 0; j < ItemColumns; j++)
        {
            int place = columns[j] + at;
            int iy = columns[MostColumns + j] + row;
            int ix = columns[2 * MostColumns + j] + column;
            bool isInside = iy >= 0 && iy < height && ix >= 0 && ix < width;
            float value = x[isInside ? place : 0];
            lines[j] = isInside ? value : 0f;
        }
    }

    private static void Put(ArrayView<float> lines, ArrayView<float> tile)
    {
        for (int j = 0; j < ItemColumns; j++)
            tile[j] = lines[j];
    }

    /// <summary>Notes where a step or a column stands in the images: element, row, column.</summary>
    private static void Locate(
        ArrayView<int> table,
        int size,
        int slot,
        int index,
        int count,
        WindowPlaces places,
        int sign,
        ConvolutionTiles s)
    {
        int line = index / places.Width, plane = line / places.Height;
        int fromY = (line - plane * places.Height) * places.StepY + places.StartY;
        int fromX = (index - line * places.Width) * places.StepX + places.StartX;
        int iy = fromY / s.DivideY, ix = fromX / s.DivideX;
        table[slot] = plane * places.Plane + sign * (iy * s.Width + ix);
        table[size + slot] = index < count ? sign * (iy + (fromY - iy * s.DivideY) * s.SpreadY) : Outside;
        table[2 * size + slot] = sign * (ix + (fromX - ix * s.DivideX) * s.SpreadX);
    }

    /// <summary>Adds the products of one tile to the results of a work item.</summary>
    private static void Accumulate(
        ArrayView<float> left,
        ArrayView<float> right,
        ArrayView<float> sums,
        int row,
        int column,
        TileShape tile)
    {
        for (int k = 0; k < tile.Steps; k += 4)
        {
            var r0 = right.SubView(k * tile.Columns + column, ItemColumns);
            var r1 = right.SubView((k + 1) * tile.Columns + column, ItemColumns);
            var r2 = right.SubView((k + 2) * tile.Columns + column, ItemColumns);
            var r3 = right.SubView((k + 3) * tile.Columns + column, ItemColumns);
            for (int i = 0; i < ItemRows; i++)
            {
                var mine = sums.SubView(i * ItemColumns, ItemColumns);
                int at = k * tile.Rows + row + i;
                float l0 = left[at], l1 = left[at + tile.Rows];
                float l2 = left[at + 2 * tile.Rows], l3 = left[at + 3 * tile.Rows];
                for (int j = 0; j < ItemColumns; j++)
                    mine[j] = mine[j] + l0 * r0[j] + l1 * r1[j] + l2 * r2[j] + l3 * r3[j];
            }
        }
    }
}
