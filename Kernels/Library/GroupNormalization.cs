using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>
/// Launches the normalisation of groups of <see cref="Normalization"/>: the CPU runs hand-written vector twins of the
/// kernels, to the bit the same.
/// </summary>
public static unsafe class GroupNormalization
{
    /// <summary>As the kernel <c>Normalization.NormalizeGroups</c>.</summary>
    /// <typeparam name="T">float or double.</typeparam>
    public static void Forward<T>(
        Device device,
        int count,
        ArrayView<T> x,
        ArrayView<T> weight,
        ArrayView<T> bias,
        ArrayView<T> y,
        ArrayView<T> mean,
        ArrayView<T> rstd,
        int groups,
        int channelsPerGroup,
        int inner,
        double eps)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (device is CpuDevice cpu)
        {
            cpu.Run(count, 2L * channelsPerGroup * inner, new ForwardBody<T>
            {
                X = x, Weight = weight, Bias = bias, Y = y, Mean = mean, Rstd = rstd, Groups = groups,
                Channels = channelsPerGroup, Inner = inner, Eps = T.CreateTruncating(eps),
            });
        }
        else if (typeof(T) == typeof(float))
        {
            Normalization.NormalizeGroups(
                device, count, x.Cast<float>(), weight.Cast<float>(), bias.Cast<float>(), y.Cast<float>(),
                mean.Cast<float>(),
                rstd.Cast<float>(), groups, channelsPerGroup, inner, (float)eps);
        }
        else
        {
            Normalization.NormalizeGroups(
                device, count, x.Cast<double>(), weight.Cast<double>(), bias.Cast<double>(), y.Cast<double>(),
                mean.Cast<double>(),
                rstd.Cast<double>(), groups, channelsPerGroup, inner, eps);
        }
    }

    /// <summary>As the kernel <c>Normalization.NormalizeGroupsBackward</c>.</summary>
    /// <typeparam name="T">float or double.</typeparam>
    public static void Backward<T>(
        Device device,
        int count,
        ArrayView<T> g,
        ArrayView<T> x,
        ArrayView<T> weight,
        ArrayView<T> mean,
        ArrayView<T> rstd,
        ArrayView<T> dx,
        int groups,
        int channelsPerGroup,
        int inner)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (device is CpuDevice cpu)
        {
            cpu.Run(count, 3L * channelsPerGroup * inner, new BackwardBody<T>
            {
                G = g, X = x, Weight = weight, Mean = mean, Rstd = rstd, Dx = dx, Groups = groups,
                Channels = channelsPerGroup, Inner = inner,
            });
        }
        else if (typeof(T) == typeof(float))
        {
            Normalization.NormalizeGroupsBackward(
                device, count, g.Cast<float>(), x.Cast<float>(), weight.Cast<float>(), mean.Cast<float>(),
                rstd.Cast<float>(),
                dx.Cast<float>(), groups, channelsPerGroup, inner);
        }
        else
        {
            Normalization.NormalizeGroupsBackward(
                device, count, g.Cast<double>(), x.Cast<double>(), weight.Cast<double>(), mean.Cast<double>(),
                rstd.Cast<double>(),
                dx.Cast<double>(), groups, channelsPerGroup, inner);
        }
    }

    private struct ForwardBody<T> : IRangeBody
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        public ArrayView<T> X;
        public ArrayView<T> Weight;
        public ArrayView<T> Bias;
        public ArrayView<T> Y;
        public ArrayView<T> Mean;
        public ArrayView<T> Rstd;
        public int Groups;
        public int Channels;
        public int Inner;
        public T Eps;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(int start, int end)
        {
            int length = Channels * Inner;
            T count = T.CreateTruncating(length);
            for (int i = start; i < end; i++)
            {
                T* x = X.Pointer + ((long)i * length);
                T* y = Y.Pointer + ((long)i * length);
                T center = LaneSum.Of<T, LaneSum.Values<T>>(new() { X = x }, length) / count;
                T squares = LaneSum.Of<T, LaneSum.Squares<T>>(new() { X = x, Center = center }, length);
                T factor = T.One / T.Sqrt((squares / count) + Eps);
                Mean.Pointer[i] = center;
                Rstd.Pointer[i] = factor;
                T* weight = Weight.Pointer + (i % Groups * Channels);
                T* bias = Bias.Pointer + (i % Groups * Channels);
                if (Inner == 1)
                {
                    Elements(x, y, weight, bias, length, center, factor);
                    continue;
                }

                for (int c = 0; c < Channels; c++, x += Inner, y += Inner)
                    Channel(x, y, Inner, center, factor * weight[c], bias[c]);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Elements(T* x, T* y, T* weight, T* bias, int length, T center, T factor)
        {
            int k = 0;
            for (; k <= length - Vector512<T>.Count; k += Vector512<T>.Count)
            {
                var normal = (Vector512.Load(x + k) - Vector512.Create(center)) * Vector512.Create(factor);
                ((normal * Vector512.Load(weight + k)) + Vector512.Load(bias + k)).Store(y + k);
            }

            for (; k < length; k++)
                y[k] = ((x[k] - center) * factor * weight[k]) + bias[k];
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Channel(T* x, T* y, int length, T center, T scale, T shift)
        {
            int k = 0;
            for (; k <= length - Vector512<T>.Count; k += Vector512<T>.Count)
            {
                var away = Vector512.Load(x + k) - Vector512.Create(center);
                ((away * Vector512.Create(scale)) + Vector512.Create(shift)).Store(y + k);
            }

            for (; k < length; k++)
                y[k] = ((x[k] - center) * scale) + shift;
        }
    }

    private struct BackwardBody<T> : IRangeBody
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        public ArrayView<T> G;
        public ArrayView<T> X;
        public ArrayView<T> Weight;
        public ArrayView<T> Mean;
        public ArrayView<T> Rstd;
        public ArrayView<T> Dx;
        public int Groups;
        public int Channels;
        public int Inner;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(int start, int end)
        {
            int length = Channels * Inner;
            for (int i = start; i < end; i++)
            {
                T* g = G.Pointer + ((long)i * length);
                T* x = X.Pointer + ((long)i * length);
                T* dx = Dx.Pointer + ((long)i * length);
                T* weight = Weight.Pointer + (i % Groups * Channels);
                T center = Mean.Pointer[i];
                T factor = Rstd.Pointer[i];
                var (sum, product) = Inner == 1
                    ? WeightedSums(g, x, weight, length, center)
                    : ChannelSums(g, x, weight, center);
                T slope = product * factor * factor / T.CreateTruncating(length);
                T offset = sum / T.CreateTruncating(length);
                if (Inner == 1)
                {
                    Elements(g, x, weight, dx, length, center, factor, slope, offset);
                    continue;
                }

                for (int c = 0; c < Channels; c++, g += Inner, x += Inner, dx += Inner)
                    Channel(g, x, weight[c], dx, Inner, center, factor, slope, offset);
            }
        }

        private static (T Sum, T Product) WeightedSums(T* g, T* x, T* weight, int length, T center) =>
        (
            LaneSum.Of<T, LaneSum.Weighted<T>>(new() { G = g, W = weight }, length),
            LaneSum.Of<T, LaneSum.WeightedProducts<T>>(new() { G = g, W = weight, X = x, Center = center }, length)
        );

        private readonly (T Sum, T Product) ChannelSums(T* g, T* x, T* weight, T center)
        {
            T sum = T.Zero;
            T product = T.Zero;
            for (int c = 0; c < Channels; c++, g += Inner, x += Inner)
            {
                sum += weight[c] * LaneSum.Of<T, LaneSum.Values<T>>(new() { X = g }, Inner);
                product += weight[c]
                    * LaneSum.Of<T, LaneSum.Products<T>>(new() { G = g, X = x, Center = center }, Inner);
            }

            return (sum, product);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Elements(T* g, T* x, T* weight, T* dx, int length, T center, T factor, T slope, T offset)
        {
            int k = 0;
            for (; k <= length - Vector512<T>.Count; k += Vector512<T>.Count)
            {
                var weighted = Vector512.Load(g + k) * Vector512.Load(weight + k);
                var away = Vector512.Load(x + k) - Vector512.Create(center);
                var rest = weighted - Vector512.Create(offset) - (away * Vector512.Create(slope));
                (Vector512.Create(factor) * rest).Store(dx + k);
            }

            for (; k < length; k++)
                dx[k] = factor * ((g[k] * weight[k]) - offset - ((x[k] - center) * slope));
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Channel(T* g, T* x, T weight, T* dx, int length, T center, T factor, T slope, T offset)
        {
            int k = 0;
            for (; k <= length - Vector512<T>.Count; k += Vector512<T>.Count)
            {
                var weighted = Vector512.Load(g + k) * Vector512.Create(weight);
                var away = Vector512.Load(x + k) - Vector512.Create(center);
                var rest = weighted - Vector512.Create(offset) - (away * Vector512.Create(slope));
                (Vector512.Create(factor) * rest).Store(dx + k);
            }

            for (; k < length; k++)
                dx[k] = factor * ((g[k] * weight) - offset - ((x[k] - center) * slope));
        }
    }
}
