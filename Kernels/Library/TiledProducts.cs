using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>
/// Matrix products and convolutions in tiles: a group brings 64 rows of one factor and 64 columns of the other into
/// shared memory, 32 steps of the sum at a time, and each of its 64 work items adds up 4 × 16 results.
/// </summary>
/// <remarks>
/// A convolution is a product with a matrix that is never written down: its elements are taken from the images as a tile
/// needs them. Work item m of a group brings row m of the left factor and column m of the right one. Each result is one
/// chain of products added in the order of the plain kernels (<see cref="MatMul"/>, <see cref="Convolution"/>), so that it
/// has their bits; only a weight that is not finite differs, where it meets padding (0 · ∞ is no number).
/// </remarks>
public static partial class TiledProducts
{
    /// <summary>Rows and columns of a tile, and work items of a group.</summary>
    internal const int Tile = 64;

    /// <summary>Work items of a group along the columns, each with 16 of them.</summary>
    internal const int GroupX = Tile / ItemColumns;

    /// <summary>Work items of a group along the rows, each with 4 of them.</summary>
    internal const int GroupY = Tile / ItemRows;

    private const int Steps = 32;
    private const int ItemRows = 4;
    private const int ItemColumns = 16;

    /// <summary>y = a·b for each product of a stack; group z makes number z.</summary>
    [Kernel]
    public static void Multiply(
        ArrayView<float> a, ArrayView<float> b, ArrayView<float> y, ArrayView<float> bias, ProductShape s)
    {
        var left = SharedMemory.Allocate<float>(Steps * Tile);
        var right = SharedMemory.Allocate<float>(Steps * Tile);
        var sums = LocalMemory.Allocate<float>(ItemRows * ItemColumns);
        Clear(sums);
        int me = Group.LinearIndex;
        int row = Grid.IdxY * Tile + me, column = Grid.IdxX * Tile + me;
        long rowStart = Grid.IdxZ * s.LeftStep + row * s.LeftRow;
        long columnStart = Grid.IdxZ * s.RightStep + column * s.RightColumn;
        for (int start = 0; start < s.Inner; start += Steps)
        {
            for (int k = 0; k < Steps; k++)
            {
                bool isInside = start + k < s.Inner;
                float l = 0f, r = 0f;
                if (isInside && row < s.Rows)
                    l = a[rowStart + (start + k) * s.LeftColumn];
                if (isInside && column < s.Columns)
                    r = b[columnStart + (start + k) * s.RightRow];
                left[k * Tile + me] = l;
                right[k * Tile + me] = r;
            }

            Group.Barrier();
            Accumulate(left, right, sums, Group.IdxY * ItemRows, Group.IdxX * ItemColumns);
            Group.Barrier();
        }

        for (int i = 0; i < ItemRows; i++)
        {
            int r = Grid.IdxY * Tile + Group.IdxY * ItemRows + i;
            for (int j = 0; j < ItemColumns; j++)
            {
                int c = Grid.IdxX * Tile + Group.IdxX * ItemColumns + j;
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

    /// <summary>
    /// y[o, (n, oy, ox)] = Σ w[o, (c, ky, kx)] · x[(c, ky, kx), (n, oy, ox)]; group z makes channel group z.
    /// </summary>
    [Kernel]
    public static void Forward(ArrayView<float> x, ArrayView<float> w, ArrayView<float> y, ConvolutionShape s)
    {
        var left = SharedMemory.Allocate<float>(Steps * Tile);
        var right = SharedMemory.Allocate<float>(Steps * Tile);
        var sums = LocalMemory.Allocate<float>(ItemRows * ItemColumns);
        Clear(sums);
        int me = Group.LinearIndex;
        int inGroup = s.InputChannels / s.Groups, outGroup = s.OutputChannels / s.Groups;
        int area = s.OutputHeight * s.OutputWidth;
        int inner = inGroup * s.KernelHeight * s.KernelWidth;
        int o = Grid.IdxY * Tile + me;
        int weight = (Grid.IdxZ * outGroup + o) * inner;
        int column = Grid.IdxX * Tile + me;
        int n = column / area;
        int oy = (column - n * area) / s.OutputWidth, ox = column % s.OutputWidth;
        int channel = n * s.InputChannels + Grid.IdxZ * inGroup;
        int ky = 0, kx = 0;
        for (int start = 0; start < inner; start += Steps)
        {
            for (int k = 0; k < Steps; k++)
            {
                bool isInside = start + k < inner;
                int iy = oy * s.StrideY - s.PaddingY + ky * s.DilationY;
                int ix = ox * s.StrideX - s.PaddingX + kx * s.DilationX;
                float l = 0f, r = 0f;
                if (isInside && o < outGroup)
                    l = w[weight + start + k];
                if (isInside && n < s.Images && iy >= 0 && iy < s.InputHeight && ix >= 0 && ix < s.InputWidth)
                    r = x[(channel * s.InputHeight + iy) * s.InputWidth + ix];
                left[k * Tile + me] = l;
                right[k * Tile + me] = r;
                kx++;
                if (kx == s.KernelWidth)
                {
                    kx = 0;
                    ky++;
                }

                if (ky == s.KernelHeight)
                {
                    ky = 0;
                    channel++;
                }
            }

            Group.Barrier();
            Accumulate(left, right, sums, Group.IdxY * ItemRows, Group.IdxX * ItemColumns);
            Group.Barrier();
        }

        for (int j = 0; j < ItemColumns; j++)
        {
            int at = Grid.IdxX * Tile + Group.IdxX * ItemColumns + j;
            int image = at / area;
            for (int i = 0; i < ItemRows; i++)
            {
                int r = Grid.IdxY * Tile + Group.IdxY * ItemRows + i;
                if (r < outGroup && image < s.Images)
                    y[(image * s.OutputChannels + Grid.IdxZ * outGroup + r) * area + at - image * area] = sums[i * ItemColumns + j];
            }
        }
    }

    /// <summary>
    /// dx[c, (n, iy, ix)] = Σ w[c, (o, ky, kx)] · g[(o, ky, kx), (n, iy, ix)]; group z makes channel group z.
    /// </summary>
    [Kernel]
    public static void InputGradient(ArrayView<float> g, ArrayView<float> w, ArrayView<float> dx, ConvolutionShape s)
    {
        var left = SharedMemory.Allocate<float>(Steps * Tile);
        var right = SharedMemory.Allocate<float>(Steps * Tile);
        var sums = LocalMemory.Allocate<float>(ItemRows * ItemColumns);
        Clear(sums);
        int me = Group.LinearIndex;
        int inGroup = s.InputChannels / s.Groups, outGroup = s.OutputChannels / s.Groups;
        int area = s.InputHeight * s.InputWidth;
        int inner = outGroup * s.KernelHeight * s.KernelWidth;
        int c = Grid.IdxY * Tile + me;
        int column = Grid.IdxX * Tile + me;
        int n = column / area;
        int iy = (column - n * area) / s.InputWidth, ix = column % s.InputWidth;
        int o = Grid.IdxZ * outGroup;
        int ky = 0, kx = 0;
        for (int start = 0; start < inner; start += Steps)
        {
            for (int k = 0; k < Steps; k++)
            {
                bool isInside = start + k < inner;
                float l = 0f, r = 0f;
                if (isInside && c < inGroup)
                    l = w[((o * inGroup + c) * s.KernelHeight + ky) * s.KernelWidth + kx];
                int fromY = iy + s.PaddingY - ky * s.DilationY, fromX = ix + s.PaddingX - kx * s.DilationX;
                int oy = fromY / s.StrideY, ox = fromX / s.StrideX;
                bool isStep = fromY >= 0 && oy * s.StrideY == fromY && fromX >= 0 && ox * s.StrideX == fromX;
                if (isInside && n < s.Images && isStep && oy < s.OutputHeight && ox < s.OutputWidth)
                    r = g[((n * s.OutputChannels + o) * s.OutputHeight + oy) * s.OutputWidth + ox];
                left[k * Tile + me] = l;
                right[k * Tile + me] = r;
                kx++;
                if (kx == s.KernelWidth)
                {
                    kx = 0;
                    ky++;
                }

                if (ky == s.KernelHeight)
                {
                    ky = 0;
                    o++;
                }
            }

            Group.Barrier();
            Accumulate(left, right, sums, Group.IdxY * ItemRows, Group.IdxX * ItemColumns);
            Group.Barrier();
        }

        for (int j = 0; j < ItemColumns; j++)
        {
            int at = Grid.IdxX * Tile + Group.IdxX * ItemColumns + j;
            int image = at / area;
            for (int i = 0; i < ItemRows; i++)
            {
                int r = Grid.IdxY * Tile + Group.IdxY * ItemRows + i;
                if (r < inGroup && image < s.Images)
                    dx[(image * s.InputChannels + Grid.IdxZ * inGroup + r) * area + at - image * area] = sums[i * ItemColumns + j];
            }
        }
    }

    /// <summary>
    /// dw[o, (c, ky, kx)] = Σ g[o, (n, oy, ox)] · x[(n, oy, ox), (c, ky, kx)]; group z makes channel group z.
    /// </summary>
    [Kernel]
    public static void WeightGradient(ArrayView<float> x, ArrayView<float> g, ArrayView<float> dw, ConvolutionShape s)
    {
        var left = SharedMemory.Allocate<float>(Steps * Tile);
        var right = SharedMemory.Allocate<float>(Steps * Tile);
        var sums = LocalMemory.Allocate<float>(ItemRows * ItemColumns);
        Clear(sums);
        int me = Group.LinearIndex;
        int inGroup = s.InputChannels / s.Groups, outGroup = s.OutputChannels / s.Groups;
        int taps = s.KernelHeight * s.KernelWidth;
        int inner = s.Images * s.OutputHeight * s.OutputWidth;
        int o = Grid.IdxY * Tile + me;
        int column = Grid.IdxX * Tile + me;
        int c = column / taps;
        int ky = (column - c * taps) / s.KernelWidth, kx = column % s.KernelWidth;
        int n = 0, oy = 0, ox = 0;
        for (int start = 0; start < inner; start += Steps)
        {
            for (int k = 0; k < Steps; k++)
            {
                bool isInside = start + k < inner;
                int iy = oy * s.StrideY - s.PaddingY + ky * s.DilationY;
                int ix = ox * s.StrideX - s.PaddingX + kx * s.DilationX;
                float l = 0f, r = 0f;
                if (isInside && o < outGroup)
                    l = g[((n * s.OutputChannels + Grid.IdxZ * outGroup + o) * s.OutputHeight + oy) * s.OutputWidth + ox];
                if (isInside && c < inGroup && iy >= 0 && iy < s.InputHeight && ix >= 0 && ix < s.InputWidth)
                    r = x[((n * s.InputChannels + Grid.IdxZ * inGroup + c) * s.InputHeight + iy) * s.InputWidth + ix];
                left[k * Tile + me] = l;
                right[k * Tile + me] = r;
                ox++;
                if (ox == s.OutputWidth)
                {
                    ox = 0;
                    oy++;
                }

                if (oy == s.OutputHeight)
                {
                    oy = 0;
                    n++;
                }
            }

            Group.Barrier();
            Accumulate(left, right, sums, Group.IdxY * ItemRows, Group.IdxX * ItemColumns);
            Group.Barrier();
        }

        for (int i = 0; i < ItemRows; i++)
        {
            int r = Grid.IdxY * Tile + Group.IdxY * ItemRows + i;
            for (int j = 0; j < ItemColumns; j++)
            {
                int at = Grid.IdxX * Tile + Group.IdxX * ItemColumns + j;
                if (r < outGroup && at < inGroup * taps)
                    dw[(Grid.IdxZ * outGroup + r) * inGroup * taps + at] = sums[i * ItemColumns + j];
            }
        }
    }

    private static void Clear(ArrayView<float> sums)
    {
        for (int i = 0; i < ItemRows * ItemColumns; i++)
            sums[i] = 0f;
    }

    /// <summary>Adds the products of one tile to the results of a work item.</summary>
    private static void Accumulate(ArrayView<float> left, ArrayView<float> right, ArrayView<float> sums, int row, int column)
    {
        for (int k = 0; k < Steps; k++)
        {
            for (int i = 0; i < ItemRows; i++)
            {
                float l = left[k * Tile + row + i];
                for (int j = 0; j < ItemColumns; j++)
                    sums[i * ItemColumns + j] = sums[i * ItemColumns + j] + l * right[k * Tile + column + j];
            }
        }
    }
}
