using MomentumCore.Kernels.Library;
using Family = MomentumCore.Kernels.Library.Normalization;

namespace MomentumCore.Engine;

/// <summary>
/// Reductions of a gapless [rows, channels, inner] tensor to its channels, in two stages whose order is fixed.
/// </summary>
internal readonly record struct ChannelSums(int Rows, int Channels, int Inner)
{
    /// <summary>
    /// Elements of a channel that a block should hold: enough to hide a work item's start, few enough to stay in cache.
    /// </summary>
    private const int BlockElements = 256;

    /// <summary>The number of elements of a channel.</summary>
    public int Count => Rows * Inner;

    private int RowsPerBlock => Math.Max(1, BlockElements / Math.Max(1, Inner));

    private int Blocks => (Rows + RowsPerBlock - 1) / RowsPerBlock;

    /// <summary>Mean and biased variance of each channel.</summary>
    public (Tensor Mean, Tensor Variance) Moments(Tensor x)
    {
        var (blockMean, blockSquares) = (x.EmptyLike([Blocks, Channels]), x.EmptyLike([Blocks, Channels]));
        var (mean, variance) = (x.EmptyLike([Channels]), x.EmptyLike([Channels]));
        if (x.DType == DType.Float32)
        {
            ChannelReduction.BlockMoments(
                x.Device, x.View<float>(), blockMean.View<float>(), blockSquares.View<float>(), Rows, Channels, Inner,
                RowsPerBlock);
            Family.MergeMoments(
                x.Device, Channels, blockMean.View<float>(), blockSquares.View<float>(), mean.View<float>(),
                variance.View<float>(), Rows, Channels, Inner, RowsPerBlock);
        }
        else
        {
            ChannelReduction.BlockMoments(
                x.Device, x.View<double>(), blockMean.View<double>(), blockSquares.View<double>(), Rows, Channels,
                Inner, RowsPerBlock);
            Family.MergeMoments(
                x.Device, Channels, blockMean.View<double>(), blockSquares.View<double>(), mean.View<double>(),
                variance.View<double>(), Rows, Channels, Inner, RowsPerBlock);
        }

        return (mean, variance);
    }

    /// <summary>
    /// Σ g and Σ g x̂ of each channel, x̂ = (x − mean) rstd. The statistics belong to channels, or to groups of
    /// <paramref name="channelsPerStatistic"/> channels of each row.
    /// </summary>
    public (Tensor SumG, Tensor SumGx) Gradients(
        Tensor g, Tensor x, Tensor mean, Tensor rstd, int statisticsPerRow = 0, int channelsPerStatistic = 1)
    {
        var (blockG, blockGx) = (x.EmptyLike([Blocks, Channels]), x.EmptyLike([Blocks, Channels]));
        if (x.DType == DType.Float32)
        {
            ChannelReduction.BlockGradients(
                x.Device, g.View<float>(), x.View<float>(), mean.View<float>(), rstd.View<float>(),
                blockG.View<float>(), blockGx.View<float>(), Rows, Channels, Inner, RowsPerBlock, statisticsPerRow,
                channelsPerStatistic);
        }
        else
        {
            ChannelReduction.BlockGradients(
                x.Device, g.View<double>(), x.View<double>(), mean.View<double>(), rstd.View<double>(),
                blockG.View<double>(), blockGx.View<double>(), Rows, Channels, Inner, RowsPerBlock, statisticsPerRow,
                channelsPerStatistic);
        }

        return (Add(blockG), Add(blockGx));
    }

    private Tensor Add(Tensor blocks)
    {
        var sums = blocks.EmptyLike([Channels]);
        if (blocks.DType == DType.Float32)
            Family.SumBlocks(blocks.Device, Channels, blocks.View<float>(), sums.View<float>(), Channels, Blocks);
        else
            Family.SumBlocks(blocks.Device, Channels, blocks.View<double>(), sums.View<double>(), Channels, Blocks);
        return sums;
    }
}
