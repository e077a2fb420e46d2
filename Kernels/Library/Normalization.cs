using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>Normalisation: statistics in one pass over memory, the result in another.</summary>
/// <remarks>
/// Arrays are gapless [rows, channels, inner]. Statistics over rows are taken in two fixed stages (blocks of rows, then
/// blocks in order), so that they do not depend on the number of threads. Sums of squares are taken about the mean.
/// </remarks>
public static partial class Normalization
{
    // What a total adds up: x, (x − center)², g (x − center), g w, g w (x − center).
    private const int Values = 0;
    private const int Squares = 1;
    private const int Products = 2;
    private const int Weighted = 3;
    private const int WeightedProducts = 4;

    /// <summary>
    /// The mean and Σ (x − mean)² of each channel within each block of rows: one work item for each block and channel.
    /// </summary>
    [Kernel]
    public static void BlockMoments(
        Index1D i,
        ArrayView<float> x,
        ArrayView<float> mean,
        ArrayView<float> squares,
        int rows,
        int channels,
        int inner,
        int rowsPerBlock)
    {
        int block = i.X / channels;
        int channel = i.X % channels;
        int first = block * rowsPerBlock;
        int last = Math.Min(first + rowsPerBlock, rows);
        float sum = 0f;
        for (int row = first; row < last; row++)
            sum += Sum(x, ((long)row * channels + channel) * inner, inner);
        float center = sum / ((last - first) * inner);
        float square = 0f;
        for (int row = first; row < last; row++)
            square += SquaresAbout(center, x, ((long)row * channels + channel) * inner, inner);
        mean[i] = center;
        squares[i] = square;
    }

    /// <summary>The mean and (biased) variance of each channel from those of its blocks.</summary>
    [Kernel]
    public static void MergeMoments(
        Index1D i,
        ArrayView<float> blockMean,
        ArrayView<float> blockSquares,
        ArrayView<float> mean,
        ArrayView<float> variance,
        int rows,
        int channels,
        int inner,
        int rowsPerBlock)
    {
        int blocks = (rows + rowsPerBlock - 1) / rowsPerBlock;
        float count = (float)rows * inner;
        float weighted = 0f;
        for (int b = 0; b < blocks; b++)
            weighted += Math.Min(rowsPerBlock, rows - b * rowsPerBlock) * inner / count * blockMean[b * channels + i.X];
        float square = 0f;
        for (int b = 0; b < blocks; b++)
        {
            float away = blockMean[b * channels + i.X] - weighted;
            float weight = Math.Min(rowsPerBlock, rows - b * rowsPerBlock) * inner;
            square += blockSquares[b * channels + i.X] + weight * away * away;
        }

        mean[i] = weighted;
        variance[i] = square / count;
    }

    /// <summary>rstd = 1 / √(variance + eps); scale = weight · rstd; shift = bias − mean · scale.</summary>
    [Kernel]
    public static void ScaleAndShift(
        Index1D i,
        ArrayView<float> mean,
        ArrayView<float> variance,
        ArrayView<float> weight,
        ArrayView<float> bias,
        ArrayView<float> rstd,
        ArrayView<float> scale,
        ArrayView<float> shift,
        float eps)
    {
        rstd[i] = 1f / MathF.Sqrt(variance[i] + eps);
        scale[i] = weight[i] * rstd[i];
        shift[i] = bias[i] - mean[i] * scale[i];
    }

    /// <summary>y = scale · x + shift.</summary>
    [Kernel]
    public static void Apply(
        Index1D i, ArrayView<float> x, ArrayView<float> scale, ArrayView<float> shift, ArrayView<float> y) =>
        y[i] = scale[i] * x[i] + shift[i];

    /// <summary>running = (1 − rate) · running + rate · correction · value.</summary>
    [Kernel]
    public static void MoveAverage(
        Index1D i, ArrayView<float> value, ArrayView<float> running, float rate, float correction) =>
        running[i] = (1f - rate) * running[i] + rate * (correction * value[i]);

    /// <summary>
    /// Σ g and Σ g (x − mean) rstd of each channel within each block of rows. The statistics of row r and channel c
    /// lie at r · <paramref name="statisticsPerRow"/> + c / <paramref name="channelsPerStatistic"/>.
    /// </summary>
    [Kernel]
    public static void BlockGradients(
        Index1D i,
        ArrayView<float> g,
        ArrayView<float> x,
        ArrayView<float> mean,
        ArrayView<float> rstd,
        ArrayView<float> sumG,
        ArrayView<float> sumGx,
        int rows,
        int channels,
        int inner,
        int rowsPerBlock,
        int statisticsPerRow,
        int channelsPerStatistic)
    {
        int block = i.X / channels;
        int channel = i.X % channels;
        int last = Math.Min((block + 1) * rowsPerBlock, rows);
        float sum = 0f;
        float product = 0f;
        for (int row = block * rowsPerBlock; row < last; row++)
        {
            long at = ((long)row * channels + channel) * inner;
            int statistic = row * statisticsPerRow + channel / channelsPerStatistic;
            sum += Sum(g, at, inner);
            product += ProductAbout(mean[statistic], g, x, at, inner) * rstd[statistic];
        }

        sumG[i] = sum;
        sumGx[i] = product;
    }

    /// <summary>y = Σ over blocks of x [blocks, channels].</summary>
    [Kernel]
    public static void SumBlocks(Index1D i, ArrayView<float> x, ArrayView<float> y, int channels, int blocks)
    {
        float sum = 0f;
        for (int b = 0; b < blocks; b++)
            sum += x[(long)b * channels + i.X];
        y[i] = sum;
    }

    /// <summary>
    /// The numbers of dx = a g + k x + d of each channel, from Σ g and Σ g x̂ over <paramref name="count"/> elements.
    /// </summary>
    [Kernel]
    public static void GradientCoefficients(
        Index1D i,
        ArrayView<float> sumG,
        ArrayView<float> sumGx,
        ArrayView<float> mean,
        ArrayView<float> rstd,
        ArrayView<float> weight,
        ArrayView<float> a,
        ArrayView<float> k,
        ArrayView<float> d,
        float count)
    {
        a[i] = weight[i] * rstd[i];
        k[i] = -a[i] * rstd[i] * sumGx[i] / count;
        d[i] = -a[i] * sumG[i] / count - k[i] * mean[i];
    }

    /// <summary>dx = a g + k x + d.</summary>
    [Kernel]
    public static void ApplyGradient(
        Index1D i,
        ArrayView<float> g,
        ArrayView<float> x,
        ArrayView<float> a,
        ArrayView<float> k,
        ArrayView<float> d,
        ArrayView<float> dx) =>
        dx[i] = a[i] * g[i] + (k[i] * x[i] + d[i]);

    /// <summary>
    /// Normalises each group of channels of each row: y = (x − mean) · rstd · weight + bias with mean and variance
    /// over the group. One work item for each row and group; weight and bias belong to channels.
    /// </summary>
    [Kernel]
    public static void NormalizeGroups(
        Index1D i,
        ArrayView<float> x,
        ArrayView<float> weight,
        ArrayView<float> bias,
        ArrayView<float> y,
        ArrayView<float> mean,
        ArrayView<float> rstd,
        int groups,
        int channelsPerGroup,
        int inner,
        float eps)
    {
        int length = channelsPerGroup * inner;
        long at = (long)i.X * length;
        float center = Sum(x, at, length) / length;
        float factor = 1f / MathF.Sqrt(SquaresAbout(center, x, at, length) / length + eps);
        mean[i] = center;
        rstd[i] = factor;
        int channel = i.X % groups * channelsPerGroup;
        if (inner == 1)
        {
            for (int c = 0; c < channelsPerGroup; c++)
                y[at + c] = (x[at + c] - center) * factor * weight[channel + c] + bias[channel + c];
        }
        else
        {
            for (int c = 0; c < channelsPerGroup; c++)
            {
                float scale = factor * weight[channel + c];
                float shift = bias[channel + c];
                long end = at + inner;
                for (; at < end; at++)
                    y[at] = (x[at] - center) * scale + shift;
            }
        }
    }

    /// <summary>dx = rstd (g w − mean(g w) − x̂ mean(g w x̂)) over each group of channels of each row.</summary>
    [Kernel]
    public static void NormalizeGroupsBackward(
        Index1D i,
        ArrayView<float> g,
        ArrayView<float> x,
        ArrayView<float> weight,
        ArrayView<float> mean,
        ArrayView<float> rstd,
        ArrayView<float> dx,
        int groups,
        int channelsPerGroup,
        int inner)
    {
        int length = channelsPerGroup * inner;
        long start = (long)i.X * length;
        int channel = i.X % groups * channelsPerGroup;
        float center = mean[i];
        float factor = rstd[i];
        float sum = 0f;
        float product = 0f;
        if (inner == 1)
        {
            sum = Total(g, x, weight, start, channel, length, center, Weighted);
            product = Total(g, x, weight, start, channel, length, center, WeightedProducts);
        }
        else
        {
            for (int c = 0; c < channelsPerGroup; c++)
            {
                sum += weight[channel + c] * Sum(g, start + (long)c * inner, inner);
                product += weight[channel + c] * ProductAbout(center, g, x, start + (long)c * inner, inner);
            }
        }

        float slope = product * factor * factor / length;
        float offset = sum / length;
        long at = start;
        for (int c = 0; c < channelsPerGroup; c++)
        {
            float w = weight[channel + c];
            long end = at + inner;
            for (; at < end; at++)
                dx[at] = factor * (g[at] * w - offset - (x[at] - center) * slope);
        }
    }

    private static float Sum(ArrayView<float> x, long at, int length) => Total(x, x, x, at, 0, length, 0f, Values);

    private static float SquaresAbout(float center, ArrayView<float> x, long at, int length) =>
        Total(x, x, x, at, 0, length, center, Squares);

    private static float ProductAbout(float center, ArrayView<float> g, ArrayView<float> x, long at, int length) =>
        Total(g, x, x, at, 0, length, center, Products);

    // 16 lanes take every 16th term each, then fold in halves: what a vector unit does, and more exact than one sum.
    private static float Total(
        ArrayView<float> g, ArrayView<float> x, ArrayView<float> w, long at, int wAt, int length, float center,
        int kind) =>
        EightLanes(g, x, w, at, wAt, length, center, kind, 0) + EightLanes(g, x, w, at, wAt, length, center, kind, 1);

    private static float EightLanes(
        ArrayView<float> g, ArrayView<float> x, ArrayView<float> w, long at, int wAt, int length, float center,
        int kind, int lane) =>
        FourLanes(g, x, w, at, wAt, length, center, kind, lane)
        + FourLanes(g, x, w, at, wAt, length, center, kind, lane + 2);

    private static float FourLanes(
        ArrayView<float> g, ArrayView<float> x, ArrayView<float> w, long at, int wAt, int length, float center,
        int kind, int lane) =>
        TwoLanes(g, x, w, at, wAt, length, center, kind, lane)
        + TwoLanes(g, x, w, at, wAt, length, center, kind, lane + 4);

    private static float TwoLanes(
        ArrayView<float> g, ArrayView<float> x, ArrayView<float> w, long at, int wAt, int length, float center,
        int kind, int lane) =>
        Lane(g, x, w, at, wAt, length, center, kind, lane) + Lane(g, x, w, at, wAt, length, center, kind, lane + 8);

    private static float Lane(
        ArrayView<float> g, ArrayView<float> x, ArrayView<float> w, long at, int wAt, int length, float center,
        int kind, int lane)
    {
        float sum = 0f;
        for (int k = lane; k < length; k += 16)
        {
            float value = x[at + k];
            float away = value - center;
            if (kind == Values)
                sum += value;
            else if (kind == Squares)
                sum += away * away;
            else if (kind == Products)
                sum += g[at + k] * away;
            else if (kind == Weighted)
                sum += g[at + k] * w[wAt + k];
            else
                sum += g[at + k] * w[wAt + k] * away;
        }

        return sum;
    }
}
