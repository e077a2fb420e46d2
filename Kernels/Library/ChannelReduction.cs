using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>
/// Launches the block sums of <see cref="Normalization"/>: the CPU runs hand-written vector twins of the kernels, to
/// the bit the same.
/// </summary>
public static unsafe class ChannelReduction
{
    /// <summary>As the kernel <c>Normalization.BlockMoments</c>.</summary>
    /// <typeparam name="T">float or double.</typeparam>
    public static void BlockMoments<T>(
        Device device,
        ArrayView<T> x,
        ArrayView<T> mean,
        ArrayView<T> squares,
        int rows,
        int channels,
        int inner,
        int rowsPerBlock)
        where T : unmanaged, INumber<T>
    {
        int count = (rows + rowsPerBlock - 1) / rowsPerBlock * channels;
        if (device is CpuDevice cpu)
        {
            cpu.Run(count, (long)Math.Min(rows, rowsPerBlock) * inner, new Moments<T>
            {
                X = x, Mean = mean, Squares = squares, Rows = rows, Channels = channels, Inner = inner,
                RowsPerBlock = rowsPerBlock,
            });
        }
        else if (typeof(T) == typeof(float))
        {
            Normalization.BlockMoments(
                device, count, x.Cast<float>(), mean.Cast<float>(), squares.Cast<float>(), rows, channels, inner,
                rowsPerBlock);
        }
        else
        {
            Normalization.BlockMoments(
                device, count, x.Cast<double>(), mean.Cast<double>(), squares.Cast<double>(), rows, channels, inner,
                rowsPerBlock);
        }
    }

    /// <summary>
    /// As the kernel <c>Normalization.BlockGradients</c>.
    /// </summary>
    /// <typeparam name="T">float or double.</typeparam>
    public static void BlockGradients<T>(
        Device device,
        ArrayView<T> g,
        ArrayView<T> x,
        ArrayView<T> mean,
        ArrayView<T> rstd,
        ArrayView<T> sumG,
        ArrayView<T> sumGx,
        int rows,
        int channels,
        int inner,
        int rowsPerBlock,
        int statisticsPerRow,
        int channelsPerStatistic)
        where T : unmanaged, INumber<T>
    {
        int count = (rows + rowsPerBlock - 1) / rowsPerBlock * channels;
        if (device is CpuDevice cpu)
        {
            cpu.Run(count, 2L * Math.Min(rows, rowsPerBlock) * inner, new Gradients<T>
            {
                G = g, X = x, Mean = mean, Rstd = rstd, SumG = sumG, SumGx = sumGx, Rows = rows, Channels = channels,
                Inner = inner, RowsPerBlock = rowsPerBlock, StatisticsPerRow = statisticsPerRow,
                ChannelsPerStatistic = channelsPerStatistic,
            });
        }
        else if (typeof(T) == typeof(float))
        {
            Normalization.BlockGradients(
                device, count, g.Cast<float>(), x.Cast<float>(), mean.Cast<float>(), rstd.Cast<float>(),
                sumG.Cast<float>(),
                sumGx.Cast<float>(), rows, channels, inner, rowsPerBlock, statisticsPerRow, channelsPerStatistic);
        }
        else
        {
            Normalization.BlockGradients(
                device, count, g.Cast<double>(), x.Cast<double>(), mean.Cast<double>(), rstd.Cast<double>(),
                sumG.Cast<double>(),
                sumGx.Cast<double>(), rows, channels, inner, rowsPerBlock, statisticsPerRow, channelsPerStatistic);
        }
    }

    private struct Moments<T> : IRangeBody
        where T : unmanaged, INumber<T>
    {
        public ArrayView<T> X;
        public ArrayView<T> Mean;
        public ArrayView<T> Squares;
        public int Rows;
        public int Channels;
        public int Inner;
        public int RowsPerBlock;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(int start, int end)
        {
            int width = Vector512<T>.Count;
            for (int i = start; i < end;)
            {
                int block = i / Channels;
                int channel = i % Channels;
                int first = block * RowsPerBlock;
                int rows = Math.Min(RowsPerBlock, Rows - first);
                long at = (((long)first * Channels) + channel) * Inner;
                T* x = X.Pointer + at;
                // Channels of one element lie side by side: one vector lane for each.
                if (Inner == 1 && channel + width <= Channels && i + width <= end)
                {
                    Lanes(x, rows, i);
                    i += width;
                }
                else
                {
                    One(x, rows, i, X.Length - at);
                    i++;
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Lanes(T* x, int rows, int i)
        {
            var sum = Vector512<T>.Zero;
            for (int row = 0; row < rows; row++)
                sum += Vector512.Load(x + ((long)row * Channels));
            var center = sum / Vector512.Create(T.CreateTruncating(rows));
            var square = Vector512<T>.Zero;
            for (int row = 0; row < rows; row++)
            {
                var away = Vector512.Load(x + ((long)row * Channels)) - center;
                square += away * away;
            }

            center.Store(Mean.Pointer + i);
            square.Store(Squares.Pointer + i);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void One(T* x, int rows, int i, long readable)
        {
            long step = (long)Channels * Inner;
            T sum = T.Zero;
            for (int row = 0; row < rows; row++)
                sum += LaneSum.Of<T, LaneSum.Values<T>>(new() { X = x + (row * step) }, Inner, readable - (row * step));
            T center = sum / T.CreateTruncating(rows * Inner);
            T square = T.Zero;
            for (int row = 0; row < rows; row++)
                square += LaneSum.Of<T, LaneSum.Squares<T>>(new() { X = x + (row * step), Center = center }, Inner, readable - (row * step));
            Mean.Pointer[i] = center;
            Squares.Pointer[i] = square;
        }
    }

    private struct Gradients<T> : IRangeBody
        where T : unmanaged, INumber<T>
    {
        public ArrayView<T> G;
        public ArrayView<T> X;
        public ArrayView<T> Mean;
        public ArrayView<T> Rstd;
        public ArrayView<T> SumG;
        public ArrayView<T> SumGx;
        public int Rows;
        public int Channels;
        public int Inner;
        public int RowsPerBlock;
        public int StatisticsPerRow;
        public int ChannelsPerStatistic;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(int start, int end)
        {
            int width = Vector512<T>.Count;
            for (int i = start; i < end;)
            {
                int first = i / Channels * RowsPerBlock;
                int channel = i % Channels;
                int rows = Math.Min(RowsPerBlock, Rows - first);
                bool isOwn = ChannelsPerStatistic == 1;
                bool isShared = channel / ChannelsPerStatistic == (channel + width - 1) / ChannelsPerStatistic;
                if (Inner == 1 && (isOwn || isShared) && channel + width <= Channels && i + width <= end)
                {
                    Lanes(first, rows, channel, i, isShared);
                    i += width;
                }
                else
                {
                    One(first, rows, channel, i);
                    i++;
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Lanes(int first, int rows, int channel, int i, bool isShared)
        {
            var sum = Vector512<T>.Zero;
            var product = Vector512<T>.Zero;
            for (int row = first; row < first + rows; row++)
            {
                long at = ((long)row * Channels) + channel;
                int statistic = (row * StatisticsPerRow) + (channel / ChannelsPerStatistic);
                var mean = Statistic(Mean.Pointer + statistic, isShared);
                var rstd = Statistic(Rstd.Pointer + statistic, isShared);
                var g = Vector512.Load(G.Pointer + at);
                sum += g;
                product += g * (Vector512.Load(X.Pointer + at) - mean) * rstd;
            }

            sum.Store(SumG.Pointer + i);
            product.Store(SumGx.Pointer + i);
        }

        private static Vector512<T> Statistic(T* at, bool isShared) =>
            isShared ? Vector512.Create(*at) : Vector512.Load(at);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void One(int first, int rows, int channel, int i)
        {
            T sum = T.Zero;
            T product = T.Zero;
            for (int row = first; row < first + rows; row++)
            {
                long at = (((long)row * Channels) + channel) * Inner;
                int statistic = (row * StatisticsPerRow) + (channel / ChannelsPerStatistic);
                sum += LaneSum.Of<T, LaneSum.Values<T>>(new() { X = G.Pointer + at }, Inner, X.Length - at);
                product += Rstd.Pointer[statistic] * LaneSum.Of<T, LaneSum.Products<T>>(
                    new() { G = G.Pointer + at, X = X.Pointer + at, Center = Mean.Pointer[statistic] }, Inner, X.Length - at);
            }

            SumG.Pointer[i] = sum;
            SumGx.Pointer[i] = product;
        }
    }
}
